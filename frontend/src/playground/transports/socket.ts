import { createClient } from "graphql-ws";
import { socketUrl } from "../../graphql/ask";
import { refuseIfForbidden, reopenWithToken, sessionOptions } from "../../graphql/socketSession";
import type { Message, Open } from "./transport";

const socket = createClient({
  ...sessionOptions,
  url: socketUrl,
  on: { closed: refuseIfForbidden },
});

reopenWithToken(socket);

/** What the server refuses it tells as a list of errors; what it cannot bear, by closing. */
function refused(cause: unknown): Message {
  if (Array.isArray(cause)) return { errors: cause };
  if (cause instanceof Error) throw cause;
  const { code, reason } = cause as CloseEvent;
  throw new Error(`The server closed the socket: ${reason} (${code}).`);
}

/** A subscription over a WebSocket (graphql-transport-ws), which connects again by itself. */
export const overSocket: Open = async function* (asked, signal) {
  const messages = socket.iterate(asked);
  const stop = () => void messages.return?.();
  signal.addEventListener("abort", stop);
  try {
    for await (const message of messages) yield message as Message;
  } catch (cause) {
    yield refused(cause);
  } finally {
    signal.removeEventListener("abort", stop);
  }
};
