import { useSyncExternalStore } from "react";

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

let connection: Connection = {
  status: "connecting",
  attempt: 0,
  lastEventAt: null,
  paused: false,
  held: 0,
};
const listeners = new Set<() => void>();

export function setConnection(change: Partial<Connection>): void {
  connection = { ...connection, ...change };
  for (const listener of listeners) listener();
}

export function onConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Calls `listener` each time that the connection comes about, again after every cut. */
export function onLive(listener: () => void): () => void {
  let live = false;
  return onConnection(() => {
    const before = live;
    live = connection.status === "live";
    if (live && !before) listener();
  });
}

export const currentConnection = (): Connection => connection;

export const useConnection = (): Connection =>
  useSyncExternalStore(onConnection, currentConnection);

export const togglePause = (): void => setConnection({ paused: !connection.paused });
