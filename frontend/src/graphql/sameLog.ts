import { graphql } from "../gql";
import { client } from "./client";
import { onLive } from "./connection";
import { may } from "./may";

const FIRST_EVENT = graphql(`
  query FirstEvent {
    events(after: "0", first: 1) { nodes { eventId } }
  }
`);

/** Its first event tells a log from any other; nothing where it is still empty. */
let known: string | undefined;

/** A demo begun anew is another log at the same address: what this page shows is gone, so read it all again. */
async function requireSameLog(): Promise<void> {
  if (!may("Query.events")) return;
  const { data } = await client.query(FIRST_EVENT, {}).toPromise();
  if (!data) return;
  const first = data.events.nodes[0]?.eventId;
  if (known !== undefined && first !== known) location.reload();
  known = first;
}

export const watchLog = (): (() => void) => onLive(() => void requireSameLog());
