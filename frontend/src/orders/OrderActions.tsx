import { Button, Group, Stack, Text, Textarea, Tooltip } from "@mantine/core";
import { useState } from "react";
import { useMutation } from "urql";
import { useMay } from "../graphql/may";
import { lifecycleWord } from "../ui/badges";
import { Problem } from "../ui/Problem";
import classes from "./OrderPage.module.css";
import { ADD_NOTE, CANCEL_ORDER, type OrderDetails } from "./orderDocuments";
import { type Outcome, refusal } from "./refusal";

function whyNotCancellable({ lifecycle }: OrderDetails, mayCancel: boolean): string {
  if (!mayCancel) return "Cancelling needs another role than yours.";
  if (lifecycle === "DRAFT") return "A draft is discarded, not cancelled.";
  if (lifecycle === "CONFIRMED") return "Some of it is shipped; it cannot be cancelled any more.";
  return `This order is ${lifecycleWord(lifecycle).toLowerCase()}; it cannot be cancelled.`;
}

/** What happened is told by the timeline, when its event arrives; only refusals are told here. */
export function OrderActions({ order }: { order: OrderDetails }) {
  const [note, setNote] = useState("");
  const [refused, setRefused] = useState<string>();
  const [cancelling, cancelOrder] = useMutation(CANCEL_ORDER);
  const [adding, addNote] = useMutation(ADD_NOTE);

  const settle = (outcome: Outcome): boolean => {
    const reason = refusal(outcome);
    setRefused(reason);
    return reason === undefined;
  };

  const cancel = async () => {
    const input = { orderId: order.id, reasonCode: "CUSTOMER_REQUEST" };
    const { data, error } = await cancelOrder({ input });
    settle({ error, errors: data?.cancelOrder.errors });
  };

  const add = async () => {
    const { data, error } = await addNote({ input: { orderId: order.id, text: note } });
    if (settle({ error, errors: data?.addOrderNote.errors })) setNote("");
  };

  const mayCancel = useMay("Mutation.cancelOrder");
  const mayNote = useMay("Mutation.addOrderNote");
  const cancellable = mayCancel && order.allowedActions.includes("CANCEL");
  const why = whyNotCancellable(order, mayCancel);
  return (
    <section className={`panel ${classes.card}`} aria-label="Actions">
      <Stack gap="sm">
        {refused && <Problem title="Refused" message={refused} />}
        <Textarea
          label="Note"
          placeholder="What should the next person know?"
          autosize
          minRows={2}
          value={note}
          disabled={!mayNote}
          {...(!mayNote && { description: "Writing notes needs another role than yours." })}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Group justify="space-between">
          <Button variant="default" onClick={add} loading={adding.fetching} disabled={!note.trim()}>
            Add note
          </Button>
          <Group gap="xs">
            {!cancellable && (
              <Text size="xs" c="dimmed">
                {why}
              </Text>
            )}
            <Tooltip label={why} disabled={cancellable}>
              <Button
                variant="light"
                color="red"
                onClick={cancel}
                loading={cancelling.fetching}
                disabled={!cancellable}
              >
                Cancel order
              </Button>
            </Tooltip>
          </Group>
        </Group>
      </Stack>
    </section>
  );
}
