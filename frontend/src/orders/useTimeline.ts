import { useState } from "react";
import { graphql } from "../gql";
import type { OrderEventsSubscription } from "../gql/graphql";
import { useTail } from "../graphql/useTail";
import { addEvents } from "./timeline";

export type OrderEvent = OrderEventsSubscription["orderEvents"];

const ORDER_EVENTS = graphql(`
  subscription OrderEvents($orderId: ID!, $after: Position!) {
    orderEvents(orderId: $orderId, after: $after) {
      position
      version
      type
      occurredAt
      actor {
        kind
        id
      }
      data
    }
  }
`);

/** Before the first event of any log: history comes first, then what happens. */
const BEGINNING = "0";

export function useTimeline(orderId: string) {
  const [events, setEvents] = useState<OrderEvent[]>([]);
  const [problem, setProblem] = useState<string>();
  useTail({
    document: ORDER_EVENTS,
    variables: { orderId },
    after: BEGINNING,
    select: ({ orderEvents }) => orderEvents,
    onBatch: (batch) => {
      setProblem(undefined);
      setEvents((known) => addEvents(known, batch));
    },
    onRefused: setProblem,
  });
  return { events, problem };
}
