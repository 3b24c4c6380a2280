import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { type Field, useMay } from "../graphql/may";

interface NeedsProps {
  /** The part, as a person calls it. */
  what: string;
  field: Field;
  children: ReactNode;
}

/** A part of a page that asks for something not everybody may see; others are not asked in vain. */
export function Needs({ what, field, children }: NeedsProps) {
  if (useMay(field)) return children;
  return (
    <Text className="panel" c="dimmed" px="md" py="lg" size="sm" data-needs={field}>
      {what}: this needs another role than yours.
    </Text>
  );
}
