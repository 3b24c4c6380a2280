// What all servers here have in common: our schema, and a shop whose answers are held in memory.

import { readFileSync } from "node:fs";

const schemaFile = new URL("../../../schema/schema.graphql", import.meta.url);

export const typeDefs = readFileSync(schemaFile, "utf8");

/** Answers of our server, by field: of the file that is named as the first argument, if any. */
const held = process.argv[2] ? JSON.parse(readFileSync(process.argv[2], "utf8")) : {};

export const resolvers = {
  Query: { orders: () => held.orders },
  Mutation: { discardDraft: () => held.discardDraft },
};

export function announce(port) {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }));
}
