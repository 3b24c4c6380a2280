import { useSyncExternalStore } from "react";
import { exactTime, relativeTime, timeLeft } from "./time";

const watchers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** One clock for the whole page. */
function everySecond(watcher: () => void): () => void {
  watchers.add(watcher);
  ticking ??= setInterval(() => {
    for (const each of watchers) each();
  }, 1000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}

/** The text is the snapshot, so a row renders again only when its words change. */
export const useRelativeTime = (iso: string): string =>
  useSyncExternalStore(everySecond, () => relativeTime(iso, Date.now()));

export const useTimeLeft = (until: number): string =>
  useSyncExternalStore(everySecond, () => timeLeft(until, Date.now()));

export function RelativeTime({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={exactTime(iso)}>
      {useRelativeTime(iso)}
    </time>
  );
}
