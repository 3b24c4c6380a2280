import type { Tone } from "../ui/badges";
import type { GlyphName } from "../ui/Glyph";
import { capitalized, codeWords } from "../ui/words";

export type EventLook = [words: string, glyph: GlyphName, tone: Tone];

/** Only what the class name alone says badly; all others are their name in words. */
const LOOKS: Record<string, EventLook> = {
  OrderDrafted: ["Draft opened", "pencil", "active"],
  OrderLineAdded: ["Line added", "plus", "quiet"],
  OrderLineRemoved: ["Line removed", "minus", "quiet"],
  OrderLineQuantityChanged: ["Quantity changed", "pencil", "quiet"],
  OrderAddressSet: ["Address set", "pin", "quiet"],
  OrderCustomerAssigned: ["Customer assigned", "pencil", "quiet"],
  ShippingMethodSelected: ["Shipping method selected", "arrow", "quiet"],
  DiscountApplied: ["Discount applied", "tag", "quiet"],
  DiscountRemoved: ["Discount removed", "tag", "quiet"],
  DraftDiscarded: ["Draft discarded", "slash", "waiting"],
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
  OrderNoteAdded: ["Note added", "note", "active"],
  OrderNoteRedacted: ["Note redacted", "note", "waiting"],
  PaymentAuthorized: ["Payment authorized", "card", "active"],
  PaymentCaptured: ["Payment captured", "card", "good"],
  PaymentDeclined: ["Payment declined", "card", "bad"],
  PaymentOutcomeUnknown: ["Payment outcome unknown", "card", "waiting"],
  PaymentVoided: ["Payment voided", "card", "waiting"],
  RefundSucceeded: ["Refunded", "back", "good"],
  ProcessStuck: ["Process stuck", "pause", "bad"],
  InterventionApplied: ["Somebody intervened", "pencil", "active"],
};

const FAMILIES: [prefix: string, glyph: GlyphName][] = [
  ["Payment", "card"],
  ["Capture", "card"],
  ["Void", "card"],
  ["Refund", "back"],
  ["Stock", "box"],
  ["Process", "dot"],
  ["Step", "dot"],
  ["Compensation", "back"],
];

/** "RefundRequested" → "Refund requested"; a failure is never quiet. */
export function eventLook(type: string): EventLook {
  const known = LOOKS[type];
  if (known) return known;
  const words = capitalized(type.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase());
  const family = FAMILIES.find(([prefix]) => type.startsWith(prefix));
  return [words, family?.[1] ?? "dot", /(Failed|Refused)$/.test(type) ? "bad" : "quiet"];
}

/** What the machinery does along the way, and how a draft was filled; a timeline folds it. */
export const isMinor = ({ type }: { type: string }): boolean => eventLook(type)[2] === "quiet";

const TELLING = ["kind", "name", "step", "code", "reason_code", "reason", "outcome", "ref"];

/** The one thing that the name of an event does not say: which line, which step, and why. */
export function eventDetail(data: unknown): string | undefined {
  const fields = (data ?? {}) as Record<string, unknown>;
  const { title, quantity } = fields;
  const line = typeof title === "string" ? [`${title} × ${quantity}`] : [];
  const told = TELLING.map((name) => fields[name]).filter((value) => typeof value === "string");
  const parts = [...line, ...told.map(codeWords)].filter(Boolean);
  return parts.length > 0 ? parts.join(" · ") : undefined;
}
