import { Group, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { type Asked, PlaygroundLink } from "./PlaygroundLink";

interface PageTitleProps {
  title: string;
  /** What the page has asked for, to be asked in the playground. */
  asked?: Asked;
  children?: ReactNode;
}

export function PageTitle({ title, asked, children }: PageTitleProps) {
  useEffect(() => {
    document.title = `${title} · orderlog`;
  }, [title]);
  return (
    <Group justify="space-between" gap="sm" mb="md">
      <Title order={1} size="h3">
        {title}
      </Title>
      <Group gap="sm">
        {children}
        {asked && <PlaygroundLink {...asked} />}
      </Group>
    </Group>
  );
}
