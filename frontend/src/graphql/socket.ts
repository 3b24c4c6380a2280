import { createClient } from "graphql-ws";
import { socketUrl } from "./ask";
import { currentConnection, setConnection } from "./connection";
import { waitForRetry } from "./retry";
import { authorization, currentSession, onSession, refuse, untilEntered } from "./session";

const KEEP_ALIVE_MS = 10_000;
const PONG_LIMIT_MS = 5_000;
const FORBIDDEN = 4403;

/** What every socket of ours does about who asks. */
export const sessionOptions = {
  connectionParams: authorization,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
  retryWait: (retries: number) =>
    currentSession().refused ? untilEntered() : waitForRetry(retries),
};

/** A server that closes with this code wants another token. */
export function refuseIfForbidden(closed: unknown): void {
  const { code } = closed as { code?: number };
  if (code === FORBIDDEN) void refuse(currentSession().token);
}

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

/** A socket bears the token that it was opened with. */
export function reopenWithToken({ terminate }: { terminate: () => void }): void {
  let { token } = currentSession();
  onSession(() => {
    if (currentSession().token === token) return;
    token = currentSession().token;
    terminate();
  });
}

reopenWithToken(socket);
