import { Component, type ReactNode } from "react";
import { Problem } from "../ui/Problem";

/** A page that breaks says so, and leaves the navigation standing. */
export class Boundary extends Component<{ children: ReactNode }, { message?: string | undefined }> {
  override state: { message?: string | undefined } = {};

  static getDerivedStateFromError(cause: unknown) {
    return { message: cause instanceof Error ? cause.message : String(cause) };
  }

  override render() {
    const { message } = this.state;
    if (message === undefined) return this.props.children;
    return (
      <Problem
        title="This page broke"
        message={message}
        onRetry={() => this.setState({ message: undefined })}
      />
    );
  }
}
