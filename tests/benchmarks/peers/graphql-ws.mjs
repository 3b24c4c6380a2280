// graphql-ws over ws, as its documentation sets it up: a subscription that is fed from memory.
// `POST /publish` hands one event to every subscriber.

import { createServer } from "node:http";

import { makeExecutableSchema } from "@graphql-tools/schema";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";

import { announce, typeDefs } from "./shop.mjs";

const data = { lineId: "0198c0de-0000-7000-8000-000000000000", fromQuantity: 1, toQuantity: 2 };
const subscribers = new Set();
let position = 0;

/** Events for one subscriber, until it leaves. */
async function* orderEvents() {
  const events = [];
  let wake = () => {};
  const hear = (event) => {
    events.push(event);
    wake();
  };
  subscribers.add(hear);
  try {
    while (true) {
      while (events.length > 0) yield { orderEvents: events.shift() };
      await new Promise((resolve) => (wake = resolve));
    }
  } finally {
    subscribers.delete(hear);
  }
}

function publish() {
  const event = {
    position: String(++position),
    type: "OrderLineQuantityChanged",
    recordedAt: new Date().toISOString(),
    actor: { kind: "APP", id: "anonymous" },
    data,
  };
  for (const hear of subscribers) hear(event);
}

const resolvers = { Subscription: { orderEvents: { subscribe: orderEvents } } };
const server = createServer((request, response) => {
  publish();
  response.setHeader("content-type", "application/json").end("{}");
});
const sockets = new WebSocketServer({ server, path: "/graphql" });
useServer({ schema: makeExecutableSchema({ typeDefs, resolvers }) }, sockets);
server.listen(0, "127.0.0.1", () => announce(server.address().port));
