import { Button, Popover, Text } from "@mantine/core";
import { useState } from "react";
import { useClient } from "urql";
import { useMay } from "../graphql/may";
import { placeDemoOrder } from "./placeDemoOrder";

export function DemoOrderButton() {
  const client = useClient();
  const allowed = useMay("Mutation.createDraftOrder");
  const [placing, setPlacing] = useState(false);
  const [refused, setRefused] = useState<string>();

  const place = async () => {
    setPlacing(true);
    setRefused(await placeDemoOrder(client));
    setPlacing(false);
  };

  if (!allowed) return null;
  return (
    <Popover opened={refused !== undefined} onChange={() => setRefused(undefined)} withArrow>
      <Popover.Target>
        <Button onClick={place} loading={placing}>
          Place a demo order
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm" role="alert" maw={320}>
          {refused}
        </Text>
      </Popover.Dropdown>
    </Popover>
  );
}
