import { Group, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

export function PageTitle({ title, children }: { title: string; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · orderlog`;
  }, [title]);
  return (
    <Group justify="space-between" gap="sm" mb="md">
      <Title order={1} size="h3">
        {title}
      </Title>
      <Group gap="sm">{children}</Group>
    </Group>
  );
}
