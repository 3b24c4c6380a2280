import { useSyncExternalStore } from "react";

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
}

export const KEPT_MAX = 500;
const EMPTY: SubscriptionLog = { kept: [], received: 0, paused: false };

/** While paused the log counts on but keeps its page still; what passes then is not shown later. */
export function record(log: SubscriptionLog, message: unknown, at: string): SubscriptionLog {
  const received = log.received + 1;
  if (log.paused) return { ...log, received };
  const kept = [{ number: received, at, message }, ...log.kept].slice(0, KEPT_MAX);
  return { ...log, received, kept };
}

/** One message per line, oldest first: what every log reader expects. */
export const asNdjson = ({ kept }: SubscriptionLog): string =>
  kept
    .toReversed()
    .map((received) => `${JSON.stringify(received)}\n`)
    .join("");

let log = EMPTY;
const watchers = new Set<() => void>();

function change(to: SubscriptionLog): void {
  log = to;
  for (const watcher of watchers) watcher();
}

export const subscriptionLog = {
  record: (message: unknown) => change(record(log, message, new Date().toISOString())),
  clear: () => change({ ...EMPTY, paused: log.paused }),
  togglePause: () => change({ ...log, paused: !log.paused }),
};

export const useSubscriptionLog = (): SubscriptionLog =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => log,
  );
