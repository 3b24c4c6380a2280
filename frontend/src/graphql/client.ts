import { Client, fetchExchange } from "@urql/core";

/** No cache: what an operator sees is what the server says now, moved on by the live tail. */
export const client = new Client({
  url: new URL("/graphql", location.href).href,
  exchanges: [fetchExchange],
  requestPolicy: "network-only",
  preferGetMethod: false,
  // Streams have the socket; an answer to a query is one JSON document.
  fetchOptions: { headers: { accept: "application/graphql-response+json, application/json" } },
});
