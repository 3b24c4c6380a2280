import { Client, fetchExchange, makeOperation, mapExchange } from "@urql/core";
import { ask, url } from "./ask";
import { permitted } from "./permitted";

const leaveOutForbidden = mapExchange({
  onOperation: (operation) =>
    makeOperation(operation.kind, { ...operation, query: permitted(operation.query) }),
});

/** No cache: what an operator sees is what the server says now, moved on by the live tail. */
export const client = new Client({
  url,
  fetch: ask,
  exchanges: [leaveOutForbidden, fetchExchange],
  requestPolicy: "network-only",
  preferGetMethod: false,
  // Streams have the socket; an answer to a query is one JSON document.
  fetchOptions: { headers: { accept: "application/graphql-response+json, application/json" } },
});
