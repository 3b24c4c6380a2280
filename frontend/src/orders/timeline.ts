import { comparePositions } from "../graphql/position";
import type { Positioned } from "../graphql/tail";
import { dayHeading } from "../ui/time";

/** Newest first; what is known already, by position, is not added again. */
export function addEvents<Event extends Positioned>(known: Event[], batch: Event[]): Event[] {
  const events = [...known];
  for (const event of batch) {
    const newest = events[0];
    if (!newest || comparePositions(event.position, newest.position) > 0) events.unshift(event);
  }
  return events;
}

export interface TimelineDay<Event> {
  heading: string;
  events: Event[];
}

export function byDay<Event extends { occurredAt: string }>(
  events: Event[],
  now: number,
): TimelineDay<Event>[] {
  const days: TimelineDay<Event>[] = [];
  for (const event of events) {
    const heading = dayHeading(event.occurredAt, now);
    const day = days.at(-1);
    if (day?.heading === heading) day.events.push(event);
    else days.push({ heading, events: [event] });
  }
  return days;
}

/** Minor events that follow each other make one run, to be folded; any other event stands alone. */
export function runs<Event>(events: Event[], isMinor: (event: Event) => boolean): Event[][] {
  const all: Event[][] = [];
  let open: Event[] | undefined;
  for (const event of events) {
    const minor = isMinor(event);
    if (open && minor) open.push(event);
    else {
      open = minor ? [event] : undefined;
      all.push(open ?? [event]);
    }
  }
  return all;
}
