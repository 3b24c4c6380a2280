// urql subscribes over SSE by itself, over a WebSocket with graphql-ws.

import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import * as following from "./following.mjs";

const { EVENTS, headers, pause, say, take, transport, url, VERSION, variables } = following;

const socket = createClient({
  url: following.socketUrl,
  webSocketImpl: WebSocket,
  connectionParams: headers,
  retryAttempts: 0,
});
const overSocket = subscriptionExchange({
  forwardSubscription: (operation) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe(operation, sink) }),
  }),
});
const client = new Client({
  url,
  fetchOptions: { headers },
  preferGetMethod: false,
  fetchSubscriptions: transport === "sse",
  exchanges: transport === "sse" ? [fetchExchange] : [overSocket, fetchExchange],
});

const follow = () =>
  new Promise((ended) => {
    const results = client.subscription(EVENTS, { ...variables });
    const { unsubscribe } = results.subscribe((result) => {
      if (!result.error?.networkError && result.data) take(result);
      if (result.error?.networkError || !result.hasNext) {
        unsubscribe?.();
        ended();
      }
    });
  });

say((await client.query(VERSION, {})).data);
for (;;) {
  await follow();
  await pause();
}
