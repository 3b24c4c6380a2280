import { createClient } from "graphql-ws";
import { currentConnection, setConnection } from "./connection";
import { waitForRetry } from "./retry";

const KEEP_ALIVE_MS = 10_000;
const PONG_LIMIT_MS = 5_000;

let pongTimer: ReturnType<typeof setTimeout> | undefined;

export const socket = createClient({
  url: new URL("/graphql", location.href).href.replace(/^http/, "ws"),
  lazy: false,
  keepAlive: KEEP_ALIVE_MS,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
  retryWait: waitForRetry,
  on: {
    connecting: (isRetry) => {
      if (isRetry)
        setConnection({ status: "reconnecting", attempt: currentConnection().attempt + 1 });
    },
    connected: () => setConnection({ status: "live", attempt: 0 }),
    closed: () => {
      clearTimeout(pongTimer);
      setConnection({ status: "reconnecting" });
    },
    // A half-open connection answers nothing and never closes by itself.
    ping: (received) => {
      if (!received) pongTimer = setTimeout(() => socket.terminate(), PONG_LIMIT_MS);
    },
    pong: (received) => {
      if (received) clearTimeout(pongTimer);
    },
  },
});
