// Apollo Client asks by hash, and sends the text only where the server does not know it.

import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

const [, , uri, method] = process.argv;
const sent = [];

const watched = (address, options) => {
  const has = options.body ?? decodeURIComponent(address);
  sent.push(`${options.method} ${/"query"|[?&]query=/.test(has) ? "text" : "hash"}`);
  return fetch(address, options);
};
const persisted = new PersistedQueryLink({
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
  useGETForHashedQueries: method === "GET",
});
const client = new ApolloClient({
  link: ApolloLink.from([persisted, new HttpLink({ uri, fetch: watched })]),
  cache: new InMemoryCache(),
});

const query = gql("query Version { version }");
for (let time = 0; time < 2; time += 1) {
  const { data } = await client.query({ query, fetchPolicy: "no-cache" });
  if (!data.version) throw new Error("no version");
}
process.stdout.write(JSON.stringify(sent));
