import { createClient } from "graphql-ws";
import { socketUrl } from "./ask";
import { currentConnection, setConnection } from "./connection";
import { refuseIfForbidden, reopenWithToken, sessionOptions } from "./socketSession";

const KEEP_ALIVE_MS = 10_000;
const PONG_LIMIT_MS = 5_000;

let pongTimer: ReturnType<typeof setTimeout> | undefined;

export const socket = createClient({
  ...sessionOptions,
  url: socketUrl,
  lazy: false,
  keepAlive: KEEP_ALIVE_MS,
  on: {
    connecting: (isRetry) => {
      if (isRetry)
        setConnection({ status: "reconnecting", attempt: currentConnection().attempt + 1 });
    },
    connected: () => setConnection({ status: "live", attempt: 0 }),
    closed: (event) => {
      clearTimeout(pongTimer);
      refuseIfForbidden(event);
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

reopenWithToken(socket);
