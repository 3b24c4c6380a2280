import { createStore } from "../graphql/store";

export interface Received {
  /** Counts from 1, also over what is no longer kept. */
  number: number;
  at: string;
  message: unknown;
}

export interface SubscriptionLog {
  /** Newest first. */
  kept: readonly Received[];
  received: number;
  paused: boolean;
  /** The position of the last event received: a stream goes on behind it. */
  cursor: string | undefined;
}

export const KEPT_MAX = 500;
const EMPTY: SubscriptionLog = { kept: [], received: 0, paused: false, cursor: undefined };

/** While paused the log counts on but keeps its page still; what passes then is not shown later. */
export function record(
  log: SubscriptionLog,
  message: unknown,
  at: string,
  cursor = log.cursor,
): SubscriptionLog {
  const received = log.received + 1;
  if (log.paused) return { ...log, received, cursor };
  const kept = [{ number: received, at, message }, ...log.kept].slice(0, KEPT_MAX);
  return { ...log, received, kept, cursor };
}

/** One message per line, oldest first: what every log reader expects. */
export const asNdjson = ({ kept }: Pick<SubscriptionLog, "kept">): string =>
  kept
    .toReversed()
    .map((received) => `${JSON.stringify(received)}\n`)
    .join("");

const log = createStore(EMPTY);

export const useSubscriptionLog = log.use;

export const subscriptionLog = {
  record: (message: unknown, cursor: string | undefined) =>
    log.change(record(log.now(), message, new Date().toISOString(), cursor)),
  clear: () => log.change({ ...EMPTY, paused: log.now().paused }),
  togglePause: () => log.change({ paused: !log.now().paused }),
};
