import { Group } from "@mantine/core";
import { Copy } from "../ui/Copy";
import { Glyph } from "../ui/Glyph";
import { clockTime, exactTime } from "../ui/time";
import { eventDetail, eventLook } from "./eventWords";
import classes from "./Timeline.module.css";
import type { OrderEvent } from "./useTimeline";

/** Of a UUID the beginning is enough to tell people apart; the payload has all of it. */
const ACTOR_ID_MAX = 13;

export function TimelineEntry({ event }: { event: OrderEvent }) {
  const [words, glyph, tone] = eventLook(event.type);
  const detail = eventDetail(event.data);
  const payload = JSON.stringify(event.data, null, 2);
  return (
    <li className={classes.event} data-position={event.position} data-tone={tone}>
      <span className={classes.bullet}>
        <Glyph name={glyph} />
      </span>
      <details>
        <summary>
          <span>
            <span className={classes.words}>{words}</span>
            {detail && <span className={classes.detail}>{detail}</span>}
          </span>
          <time dateTime={event.occurredAt} title={exactTime(event.occurredAt)}>
            {clockTime(event.occurredAt)}
          </time>
          <span className={classes.facts}>
            position {event.position} · version {event.version} · {actorWords(event)}
          </span>
        </summary>
        <div className={classes.payload}>
          <Group justify="space-between">
            <code>{event.type}</code>
            <Copy text={payload} label="Copy payload" />
          </Group>
          <pre>{payload}</pre>
        </div>
      </details>
    </li>
  );
}

function actorWords({ actor }: OrderEvent): string {
  const kind = actor.kind.toLowerCase();
  return actor.id === kind ? kind : `${kind} ${actor.id.slice(0, ACTOR_ID_MAX)}`;
}
