// What every follower does: asks once, then follows an order until it is discarded, and prints each
// as a line of JSON.

import { setTimeout } from "node:timers/promises";

const [orderId, transport] = process.argv.slice(2);
const { ORDERLOG_URL: url, ORDERLOG_TOKEN: token } = process.env;

export { transport, url };
export const socketUrl = url.replace(/^http/, "ws");
export const headers = token ? { authorization: `Bearer ${token}` } : {};

export const VERSION = "query Version { version }";
export const EVENTS = `
  subscription Follow($orderId: ID!, $after: Position) {
    orderEvents(orderId: $orderId, after: $after) { position type }
  }
`;

/** Moved by every event: a client that connects again sends it anew, and goes on where it was. */
export const variables = { orderId, after: "0" };

export const say = (line) => console.log(JSON.stringify(line));
export const pause = () => setTimeout(50);

/** Takes what arrives; true when that was the end of the story. */
export function take({ data, errors, error }) {
  if (errors ?? error) throw new Error(JSON.stringify(errors ?? error));
  const event = data.orderEvents;
  if (BigInt(event.position) <= BigInt(variables.after)) return false;
  variables.after = event.position;
  say(event);
  if (event.type !== "DraftDiscarded") return false;
  process.exit(0);
}
