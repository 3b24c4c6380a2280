import { Button, Code, Group, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { Copy } from "../ui/Copy";
import { DemoOrderButton } from "./DemoOrderButton";
import { exampleMutation } from "./exampleMutation";
import classes from "./OrderPage.module.css";

interface NoOrdersProps {
  filtered: boolean;
  onClear: () => void;
}

export const NoOrders = ({ filtered, onClear }: NoOrdersProps) =>
  filtered ? <NothingMatches onClear={onClear} /> : <FirstRun />;

const NothingMatches = ({ onClear }: { onClear: () => void }) => (
  <Stack className={`panel ${classes.card}`} align="center" py={56} gap="sm">
    <Text>No order is in this state now.</Text>
    <Button variant="default" onClick={onClear}>
      Show all orders
    </Button>
  </Stack>
);

function FirstRun() {
  const [example] = useState(() => exampleMutation(crypto.randomUUID()));
  return (
    <Stack className={`panel ${classes.card}`} py={40} gap="sm" align="center">
      <Title order={2} size="h4">
        No order yet
      </Title>
      <Text c="dimmed">Place one here, or send the mutation yourself; it appears by itself.</Text>
      <DemoOrderButton />
      <Code block w="100%" maw={560} mt="sm">
        {example}
      </Code>
      <Group gap={4}>
        <Copy text={example} label="Copy mutation" />
      </Group>
    </Stack>
  );
}
