import { createClient } from "graphql-sse";
import { EVENTS, headers, pause, say, take, url, VERSION, variables } from "./following.mjs";

const client = createClient({
  url,
  headers,
  retryAttempts: Number.POSITIVE_INFINITY,
  retry: pause,
});

for await (const { data } of client.iterate({ query: VERSION })) say(data);
for await (const result of client.iterate({ query: EVENTS, variables })) take(result);
