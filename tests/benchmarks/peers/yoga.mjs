// GraphQL Yoga with graphql-jit.

import { createServer } from "node:http";

import { useGraphQlJit } from "@envelop/graphql-jit";
import { createSchema, createYoga } from "graphql-yoga";

import { announce, resolvers, typeDefs } from "./shop.mjs";

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  plugins: [useGraphQlJit()],
  graphiql: false,
  logging: false,
});
const server = createServer(yoga);
server.listen(0, "127.0.0.1", () => announce(server.address().port));
