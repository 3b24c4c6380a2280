import { Button, Code, Group, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { enter, useSession } from "../graphql/session";
import classes from "./Shell.module.css";

/** What was read stays on the page; this says how to go on. */
export function SessionBar() {
  const { refused, token } = useSession();
  const [pasted, setPasted] = useState("");
  if (!refused) return null;

  const goOn = (event: FormEvent) => {
    event.preventDefault();
    enter(pasted);
    setPasted("");
  };
  return (
    <section className={`panel ${classes.session}`} aria-label="Session">
      <div role="status">
        <Text fw={600}>{token ? "Your session has ended." : "Who asks?"}</Text>
        <Text size="sm" c="dimmed">
          <Code>orderlog token create --role admin</Code> prints a token. Paste it here
          {token ? "; nothing on this page is lost." : "."}
        </Text>
      </div>
      <form onSubmit={goOn}>
        <Group gap="xs" wrap="nowrap">
          <TextInput
            aria-label="Token or link"
            placeholder="Token or link"
            type="password"
            autoComplete="off"
            flex={1}
            value={pasted}
            onChange={(event) => setPasted(event.currentTarget.value)}
          />
          <Button type="submit" disabled={!pasted.trim()}>
            Go on
          </Button>
        </Group>
      </form>
    </section>
  );
}
