// Mercurius with graphql-jit, which compiles an operation when it comes for the first time.

import { makeExecutableSchema } from "@graphql-tools/schema";
import Fastify from "fastify";
import mercurius from "mercurius";

import { announce, resolvers, typeDefs } from "./shop.mjs";

const app = Fastify();
app.register(mercurius, { schema: makeExecutableSchema({ typeDefs, resolvers }), jit: 1 });
await app.listen({ host: "127.0.0.1", port: 0 });
announce(app.server.address().port);
