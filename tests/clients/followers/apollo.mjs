// Apollo Client subscribes over HTTP (multipart) by itself, over a WebSocket with graphql-ws.

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import * as following from "./following.mjs";

const { EVENTS, headers, pause, say, take, transport, VERSION, variables } = following;

globalThis.WebSocket ??= WebSocket; // Apollo asks for the global one, which Node has from 22 on

const http = new HttpLink({ uri: following.url, headers });
const socket = () =>
  new GraphQLWsLink(
    createClient({
      url: following.socketUrl,
      webSocketImpl: WebSocket,
      connectionParams: headers,
      retryAttempts: 0,
    }),
  );
const link = ApolloLink.split(
  ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
  transport === "multipart" ? http : socket(),
  http,
);
const client = new ApolloClient({ link, cache: new InMemoryCache() });

const follow = () =>
  new Promise((ended) => {
    const query = { query: gql(EVENTS), variables: { ...variables }, fetchPolicy: "no-cache" };
    client.subscribe(query).subscribe({
      next: (result) => (result.error ? ended() : take(result)),
      error: ended,
      complete: ended,
    });
  });

say((await client.query({ query: gql(VERSION) })).data);
for (;;) {
  await follow();
  await pause();
}
