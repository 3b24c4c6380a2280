import { Glyph } from "../ui/Glyph";
import classes from "./Timeline.module.css";
import { TimelineEntry } from "./TimelineEntry";
import type { OrderEvent } from "./useTimeline";

/** One event, or several minor ones folded into a line. */
export function TimelineRun({ events }: { events: OrderEvent[] }) {
  const [first, ...others] = events;
  if (first && others.length === 0) return <TimelineEntry event={first} />;
  return (
    <li className={classes.event} data-tone="quiet">
      <details className={classes.fold}>
        <summary>
          <span className={classes.bullet}>
            <Glyph name="more" />
          </span>
          {events.length} more
        </summary>
        <ol className={classes.events} reversed>
          {events.map((event) => (
            <TimelineEntry key={event.position} event={event} />
          ))}
        </ol>
      </details>
    </li>
  );
}
