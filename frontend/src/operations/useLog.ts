import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useClient } from "urql";
import { graphql } from "../gql";
import type { EventsQuery } from "../gql/graphql";
import { problemWords } from "../graphql/problem";
import { addEvents } from "../orders/timeline";
import { useEvery } from "../ui/useEvery";

export type LogEvent = EventsQuery["events"]["nodes"][number];

const HEAD = graphql(`
  query Head {
    head
  }
`);

const EVENTS = graphql(`
  query Events($after: Position!, $first: Int!) {
    events(after: $after, first: $first) {
      position
      nodes {
        position
        streamId
        version
        type
        occurredAt
      }
    }
  }
`);

const REFRESH_MS = 1_000;
const PAGE_SIZE = 100;
const KEPT_MAX = 200;
const SHOWN_AT_FIRST = 25n;

/** The log from a little before its head, read on page by page; each position is read once. */
export function useLog() {
  const client = useClient();
  const [events, setEvents] = useState<LogEvent[]>([]);
  const [problem, setProblem] = useState<string>();
  const after = useRef<string>(undefined);
  const reading = useRef(false);

  /** Undefined where the server does not say; a long log is not to be read from its beginning. */
  const start = async (): Promise<string | undefined> => {
    const { data, error } = await client.query(HEAD, {}).toPromise();
    setProblem(problemWords(error));
    if (!data) return undefined;
    const head = BigInt(data.head);
    return String(head > SHOWN_AT_FIRST ? head - SHOWN_AT_FIRST : 0n);
  };

  const readOn = async (from: string) => {
    const { data, error } = await client
      .query(EVENTS, { after: from, first: PAGE_SIZE })
      .toPromise();
    setProblem(problemWords(error));
    if (!data) return;
    after.current = data.events.position;
    setEvents((known) => addEvents(known, data.events.nodes).slice(0, KEPT_MAX));
  };

  const read = useEffectEvent(async () => {
    // A slow answer must not be overtaken by a second question for the same page.
    if (reading.current) return;
    reading.current = true;
    after.current ??= await start();
    if (after.current) await readOn(after.current);
    reading.current = false;
  });

  useEffect(() => {
    void read();
  }, []);
  useEvery(REFRESH_MS, () => void read());
  return { events, problem };
}
