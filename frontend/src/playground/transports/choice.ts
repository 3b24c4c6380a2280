import { createStore } from "../../graphql/store";
import { overMultipart } from "./multipart";
import { overSocket } from "./socket";
import { overSse } from "./sse";

/** The ways by which a subscription can come: the same events by each. */
export const TRANSPORTS = {
  WebSocket: overSocket,
  SSE: overSse,
  multipart: overMultipart,
} as const;

export type TransportName = keyof typeof TRANSPORTS;

export const TRANSPORT_NAMES = Object.keys(TRANSPORTS) as TransportName[];

export const transportChoice = createStore<{ name: TransportName }>({ name: "WebSocket" });
