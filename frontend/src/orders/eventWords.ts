import type { Tone } from "../ui/badges";
import type { GlyphName } from "../ui/Glyph";

export type EventLook = [words: string, glyph: GlyphName, tone: Tone];

/** Only what the class name alone says badly; all others are their name in words. */
const LOOKS: Record<string, EventLook> = {
  OrderDrafted: ["Draft opened", "pencil", "quiet"],
  OrderLineAdded: ["Line added", "plus", "quiet"],
  OrderLineRemoved: ["Line removed", "minus", "quiet"],
  OrderLineQuantityChanged: ["Quantity changed", "pencil", "quiet"],
  OrderAddressSet: ["Address set", "pin", "quiet"],
  ShippingMethodSelected: ["Shipping method selected", "arrow", "quiet"],
  DiscountApplied: ["Discount applied", "tag", "quiet"],
  DiscountRemoved: ["Discount removed", "tag", "quiet"],
  DraftDiscarded: ["Draft discarded", "slash", "quiet"],
  OrderImported: ["Imported", "arrow", "active"],
  OrderPlaced: ["Placed", "dot", "active"],
  OrderConfirmed: ["Confirmed", "check", "good"],
  OrderRejected: ["Rejected", "cross", "bad"],
  OrderExpired: ["Expired", "clock", "waiting"],
  OrderCancelled: ["Cancelled", "slash", "bad"],
  OrderLinesCancelled: ["Lines cancelled", "slash", "waiting"],
  OrderLinesShipped: ["Lines shipped", "arrow", "active"],
  OrderLinesDelivered: ["Lines delivered", "check", "good"],
  OrderLinesReturned: ["Lines returned", "back", "waiting"],
  OrderCompleted: ["Completed", "check", "good"],
  OrderNoteAdded: ["Note added", "note", "active"],
  OrderHeld: ["Put on hold", "pause", "bad"],
  OrderHoldReleased: ["Hold released", "play", "good"],
  PaymentAuthorized: ["Payment authorized", "card", "active"],
  PaymentCaptured: ["Payment captured", "card", "good"],
  PaymentDeclined: ["Payment declined", "card", "bad"],
  PaymentFailed: ["Payment failed", "card", "bad"],
  StockReservationRefused: ["Stock refused", "box", "bad"],
  ProcessStuck: ["Process stuck", "pause", "bad"],
};

const FAMILIES: [prefix: string, glyph: GlyphName][] = [
  ["Payment", "card"],
  ["Capture", "card"],
  ["Refund", "back"],
  ["Stock", "box"],
  ["Process", "dot"],
  ["Step", "dot"],
  ["Compensation", "back"],
];

/** "RefundRequested" → "Refund requested" */
export function eventLook(type: string): EventLook {
  const known = LOOKS[type];
  if (known) return known;
  const words = type.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  const family = FAMILIES.find(([prefix]) => type.startsWith(prefix));
  return [words.charAt(0).toUpperCase() + words.slice(1), family?.[1] ?? "dot", "quiet"];
}

/** What a step of a process, or a refusal, is about: the one thing its name does not say. */
export function eventDetail(data: unknown): string | undefined {
  const { step, code } = (data ?? {}) as Record<string, unknown>;
  const parts = [step, code].filter((part) => typeof part === "string" && part !== "");
  return parts.length > 0 ? parts.join(" · ") : undefined;
}
