// Runs the GraphQL-over-HTTP audits against the server at the given address and prints what each
// of them found, as one JSON list.

import { serverAudits } from "graphql-http";

const audits = serverAudits({ url: process.argv[2] });
const results = await Promise.all(
  audits.map(async (audit) => {
    const { id, name, status, reason = null } = await audit.fn();
    return { id, name, status, reason };
  }),
);
console.log(JSON.stringify(results));
