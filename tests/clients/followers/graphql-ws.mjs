import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { EVENTS, headers, pause, say, socketUrl, take, VERSION, variables } from "./following.mjs";

const client = createClient({
  url: socketUrl,
  webSocketImpl: WebSocket,
  connectionParams: headers,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
  retryWait: pause,
});

for await (const { data } of client.iterate({ query: VERSION })) say(data);
for await (const result of client.iterate({ query: EVENTS, variables })) take(result);
