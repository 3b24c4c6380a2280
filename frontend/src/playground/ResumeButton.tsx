import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";

/** Runs the subscription again behind the last event that was received: no event is missed. */
export function ResumeButton({ cursor }: { cursor: string }) {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const running = useGraphiQL((state) => state.isFetching || state.subscription !== null);
  const { run } = useGraphiQLActions();
  const canResume = !running && /\$after\b/.test(queryEditor?.getValue() ?? "");

  const resume = () => {
    variableEditor?.setValue(withAfter(variableEditor.getValue(), cursor));
    void run();
  };
  return (
    <button type="button" onClick={resume} disabled={!canResume}>
      Go on from here
    </button>
  );
}

function withAfter(variables: string, after: string): string {
  const given: unknown = variables.trim() ? JSON.parse(variables) : {};
  return JSON.stringify({ ...(given as object), after }, null, 2);
}
