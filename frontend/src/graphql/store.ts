import { useSyncExternalStore } from "react";

export interface Store<State> {
  now: () => State;
  change: (change: Partial<State>) => void;
  watch: (watcher: () => void) => () => void;
  use: () => State;
}

/** What a whole page knows, outside of any component; whoever watches is told of each change. */
export function createStore<State extends object>(start: State): Store<State> {
  let state = start;
  const watchers = new Set<() => void>();
  const now = () => state;
  const watch = (watcher: () => void) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  };
  return {
    now,
    watch,
    change: (change) => {
      state = { ...state, ...change };
      for (const watcher of [...watchers]) watcher();
    },
    use: () => useSyncExternalStore(watch, now),
  };
}
