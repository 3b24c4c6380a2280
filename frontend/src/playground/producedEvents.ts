import { readOnce } from "./readOnce";

/** An event that a mutation produced, or that followed from it. */
export interface ProducedEvent {
  position: string;
  type: string;
  streamId: string;
  correlationId: string;
}

interface Page {
  events: { nodes: ProducedEvent[] };
}

const HEAD = "{ head }";
const BEHIND = `query EventsBehind($after: Position!) {
  events(after: $after, first: 200) { nodes { position type streamId correlationId } }
}`;

/** Processes go on by themselves: what they do at once is worth a second look. */
const LOOKS_MS = [0, 1_000];

/** Where the log ends now; undefined where nobody says. */
export const readHead = async (): Promise<string | undefined> =>
  (await readOnce<{ head: string }>(HEAD))?.head;

/** The positions that payloads name: their own last event, which every command leaves in the log. */
export function positionsOf(data: unknown): string[] {
  const payloads = Object.values((data ?? {}) as Record<string, Record<string, unknown> | null>);
  return payloads
    .filter((payload) => !payload?.replayed && !(payload?.errors as unknown[] | undefined)?.length)
    .map((payload) => payload?.position)
    .filter((position) => typeof position === "string");
}

/** Of what happened since, what belongs to the same conversations as the events at these positions. */
export function belonging(events: ProducedEvent[], positions: string[]): ProducedEvent[] {
  const named = events.filter(({ position }) => positions.includes(position));
  const conversations = new Set(named.map(({ correlationId }) => correlationId));
  return events.filter(({ correlationId }) => conversations.has(correlationId));
}

/** Tells what a mutation produced, and again when more has followed from it. */
export async function tellProduced(
  head: string | undefined,
  data: unknown,
  tell: (events: ProducedEvent[]) => void,
): Promise<void> {
  const positions = positionsOf(data);
  if (head === undefined || positions.length === 0) return;
  for (const milliseconds of LOOKS_MS) {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    const page = await readOnce<Page>(BEHIND, { after: head });
    if (page) tell(belonging(page.events.nodes, positions));
  }
}
