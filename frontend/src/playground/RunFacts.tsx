import { useGraphiQL } from "@graphiql/react";
import { collection } from "./collection";
import { useLastRun } from "./lastRun";
import type { ProducedEvent } from "./producedEvents";
import { runWords } from "./runWords";
import { shareHash } from "./share";

/** Beneath the answer: what it took, and what it brought about. */
export function RunFacts() {
  const run = useLastRun();
  const running = useGraphiQL((state) => state.isFetching);
  if (run.number === 0) return null;
  return (
    <footer className="orderlog-run" data-run={run.number} aria-busy={running}>
      <p>
        {runWords(run).map((words) => (
          <span key={words}>{words}</span>
        ))}
      </p>
      {run.events && <Produced events={run.events} />}
    </footer>
  );
}

function Produced({ events }: { events: readonly ProducedEvent[] }) {
  return (
    <ul aria-label="Events that came of it">
      {events.map((event) => (
        <li key={event.position}>
          <a href={readingOf(event)} data-position={event.position}>
            {event.position}
          </a>{" "}
          <Subject event={event} />
        </li>
      ))}
    </ul>
  );
}

/** Orders have a page of the console. */
function Subject({ event: { type, streamId } }: { event: ProducedEvent }) {
  const order = /^order-(.+)$/.exec(streamId)?.[1];
  return order ? <a href={`/orders/${order}`}>{type}</a> : <span>{type}</span>;
}

/** A link that asks for this one event, in a tab of its own. */
function readingOf({ position }: ProducedEvent): string {
  const query = collection.find(({ name }) => name === "Events")?.text ?? "";
  const after = String(BigInt(position) - 1n);
  return shareHash({ query, variables: JSON.stringify({ after, first: 1 }, null, 2) });
}
