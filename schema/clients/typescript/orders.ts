// Lists orders, begins one, and follows it until it is discarded, whatever the network does.
//
//   npx graphql-codegen && npx tsc && node built/orders.js BASKET
//
// BASKET names what is bought: the same name again gives the same order. Where the server is comes
// from ORDERLOG_URL, who asks from ORDERLOG_TOKEN.

import { createClient } from "graphql-ws";
import WebSocket from "ws"; // not needed from Node 22 on, nor in browsers
import {
  CreateDraftOrderDocument,
  OrderEventsDocument,
  type OrderEventsSubscription,
  OrdersDocument,
  type TypedDocumentString,
} from "./gql/graphql.js";

const url = process.env.ORDERLOG_URL ?? "http://localhost:8000/graphql";
const token = process.env.ORDERLOG_TOKEN;
const credentials: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};

/** What closes a socket whose token does not count. */
const FORBIDDEN = 4403;

const say = (line: object) => console.log(JSON.stringify(line));
const pause = () => new Promise<void>((resume) => setTimeout(resume, 250));

/** Asks until there is an answer: a query may be sent again, and so may a mutation with a key. */
async function ask<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  for (;;) {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json, application/json",
        "content-type": "application/json",
        ...credentials,
      },
      body: JSON.stringify({ query: document.toString(), variables }),
    }).catch(() => undefined);
    if (response && response.status < 500) {
      const { data, errors } = await response.json();
      if (errors) throw new Error(JSON.stringify(errors));
      return data;
    }
    await pause();
  }
}

/** What happens to an order, from its beginning: each event once, over any number of connections. */
async function* eventsOf(orderId: string) {
  // graphql-ws sends this object again when it connects again: so it says where to go on.
  const variables = { orderId, after: "0" };
  const client = createClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams: credentials,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: (problem) => (problem as { code?: number }).code !== FORBIDDEN,
    retryWait: pause,
  });
  const query = OrderEventsDocument.toString();
  for await (const result of client.iterate<OrderEventsSubscription>({ query, variables })) {
    if (!result.data) throw new Error(JSON.stringify(result.errors));
    const event = result.data.orderEvents;
    // What had arrived but was not taken when the connection broke comes again.
    if (BigInt(event.position) <= BigInt(variables.after)) continue;
    variables.after = event.position;
    yield event;
  }
}

const { orders } = await ask(OrdersDocument, { first: 3, sort: "PLACED_AT_DESC" });
say({ count: orders.totalCount, newest: orders.nodes.map(({ number }) => number) });

const basket = process.argv[2] ?? crypto.randomUUID();
const { createDraftOrder } = await ask(CreateDraftOrderDocument, {
  input: {
    currency: "GBP",
    guestEmail: "ada@example.org",
    idempotencyKey: basket,
    lines: [
      { sku: "TEA", title: "Tea", quantity: 2, unitPrice: { amount: "2.50", currency: "GBP" } },
    ],
  },
});
const { order, replayed, errors } = createDraftOrder;
if (!order) throw new Error(JSON.stringify(errors));
say({ orderId: order.orderId, total: order.total.amount, replayed });

for await (const { position, type } of eventsOf(order.orderId)) {
  say({ position, type });
  if (type === "DraftDiscarded") process.exit();
}
