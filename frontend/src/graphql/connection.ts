import { createStore } from "./store";

/** The one WebSocket of this page, as an operator sees it. */
export interface Connection {
  status: "connecting" | "live" | "reconnecting";
  /** How often the connection was tried since it was last live. */
  attempt: number;
  /** When any stream last delivered an event, as RFC 3339. */
  lastEventAt: string | null;
  /** The operator wants the page to stand still; events are held, not lost. */
  paused: boolean;
  /** How many events are held. */
  held: number;
}

const connection = createStore<Connection>({
  status: "connecting",
  attempt: 0,
  lastEventAt: null,
  paused: false,
  held: 0,
});

export const currentConnection = connection.now;
export const setConnection = connection.change;
export const onConnection = connection.watch;
export const useConnection = connection.use;

/** Calls `listener` each time that the connection comes about, again after every cut. */
export function onLive(listener: () => void): () => void {
  let live = false;
  return onConnection(() => {
    const before = live;
    live = connection.now().status === "live";
    if (live && !before) listener();
  });
}

export const togglePause = (): void => setConnection({ paused: !connection.now().paused });
