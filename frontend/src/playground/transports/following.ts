import { waitForRetry } from "../../graphql/retry";
import { currentSession, untilEntered } from "../../graphql/session";
import { type Asked, Cut, type Message, type Open } from "./transport";

/** The `position` of the event in a message; undefined where it was not asked for. */
export function positionOf({ data }: Message): string | undefined {
  const [first] = Object.values((data ?? {}) as Record<string, { position?: string } | null>);
  return first?.position;
}

/** Where the stream goes on when it was cut, if the operation can be told: it must know `$after`. */
function moveCursor({ query, variables }: Asked, message: Message): void {
  const position = positionOf(message);
  if (position && /\$after\b/.test(query)) variables.after = position;
}

/** A network that failed is tried again; what a server has answered is not asked again. */
const wasCut = (cause: unknown): boolean => cause instanceof Cut || cause instanceof TypeError;

async function* resuming(open: Open, asked: Asked, signal: AbortSignal): AsyncGenerator<Message> {
  for (let failures = 0; !signal.aborted; ) {
    try {
      for await (const message of open(asked, signal)) {
        failures = 0;
        moveCursor(asked, message);
        yield message;
      }
      if (!currentSession().refused) return;
    } catch (cause) {
      if (signal.aborted) return;
      if (!wasCut(cause)) throw cause;
    }
    await (currentSession().refused ? untilEntered() : waitForRetry(failures++));
  }
}

/**
 * A stream that goes on behind its last event when it was cut, until somebody stops it.
 *
 * Stopping a generator would wait for its next message; so the signal stops what it waits for.
 */
export function following(open: Open, asked: Asked): AsyncIterableIterator<Message> {
  const stop = new AbortController();
  const messages = resuming(open, asked, stop.signal);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => messages.next(),
    async return() {
      stop.abort();
      return messages.return(undefined);
    },
  };
}
