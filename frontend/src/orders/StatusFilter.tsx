import { Button, Group } from "@mantine/core";
import type { OrderStatus } from "../gql/graphql";
import { lifecycleWord } from "../ui/badges";

const OFFERED: (OrderStatus | null)[] = [
  null,
  "PENDING",
  "CONFIRMED",
  "COMPLETED",
  "CANCELLED",
  "REJECTED",
  "EXPIRED",
  "DRAFT",
  "DISCARDED",
];

interface StatusFilterProps {
  status: OrderStatus | null;
  onChange: (status: OrderStatus | null) => void;
}

export const StatusFilter = ({ status, onChange }: StatusFilterProps) => (
  <Group gap={4} role="group" aria-label="Show orders by state">
    {OFFERED.map((offered) => (
      <Button
        key={offered ?? "ALL"}
        size="compact-sm"
        radius="xl"
        fw={550}
        variant={offered === status ? "filled" : "subtle"}
        color={offered === status ? "pine" : "gray"}
        aria-pressed={offered === status}
        onClick={() => onChange(offered)}
      >
        {offered ? lifecycleWord(offered) : "All"}
      </Button>
    ))}
  </Group>
);
