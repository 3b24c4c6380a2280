import type { FulfillmentStatus, OrderPaymentStatus, OrderStatus } from "../gql/graphql";
import classes from "./badges.module.css";
import { Glyph, type GlyphName } from "./Glyph";

export type Tone = "good" | "active" | "waiting" | "bad" | "quiet";
type Look = [word: string, glyph: GlyphName, tone: Tone];

const LIFECYCLE: Record<OrderStatus, Look> = {
  DRAFT: ["Draft", "pencil", "quiet"],
  PENDING: ["Pending", "clock", "waiting"],
  CONFIRMED: ["Confirmed", "dot", "active"],
  COMPLETED: ["Completed", "check", "good"],
  REJECTED: ["Rejected", "cross", "bad"],
  EXPIRED: ["Expired", "clock", "quiet"],
  CANCELLED: ["Cancelled", "slash", "quiet"],
  DISCARDED: ["Discarded", "slash", "quiet"],
};

const PAYMENT: Record<OrderPaymentStatus, Look> = {
  NONE: ["No payment", "dash", "quiet"],
  PENDING: ["Pending", "clock", "waiting"],
  PARTIALLY_AUTHORIZED: ["Partly authorized", "half", "waiting"],
  AUTHORIZED: ["Authorized", "dot", "active"],
  PARTIALLY_PAID: ["Partly paid", "half", "waiting"],
  PAID: ["Paid", "check", "good"],
  OVERPAID: ["Overpaid", "plus", "waiting"],
  PARTIALLY_REFUNDED: ["Partly refunded", "back", "active"],
  REFUNDED: ["Refunded", "back", "quiet"],
  FAILED: ["Failed", "cross", "bad"],
};

const FULFILLMENT: Record<FulfillmentStatus, Look> = {
  UNFULFILLED: ["Unfulfilled", "ring", "quiet"],
  BACKORDERED: ["Backordered", "clock", "waiting"],
  PARTIALLY_SHIPPED: ["Partly shipped", "half", "active"],
  SHIPPED: ["Shipped", "arrow", "active"],
  PARTIALLY_DELIVERED: ["Partly delivered", "half", "good"],
  DELIVERED: ["Delivered", "check", "good"],
  NOT_REQUIRED: ["Not required", "dash", "quiet"],
  ON_HOLD: ["On hold", "pause", "bad"],
};

function StatusBadge({ question, look }: { question: string; look: Look }) {
  const [word, glyph, tone] = look;
  return (
    <span className={classes.badge} data-tone={tone} title={`${question}: ${word}`}>
      <Glyph name={glyph} size={13} />
      {word}
    </span>
  );
}

export const LifecycleBadge = ({ status }: { status: OrderStatus }) => (
  <StatusBadge question="Order" look={LIFECYCLE[status]} />
);

export const PaymentBadge = ({ status }: { status: OrderPaymentStatus }) => (
  <StatusBadge question="Payment" look={PAYMENT[status]} />
);

export const FulfillmentBadge = ({ status }: { status: FulfillmentStatus }) => (
  <StatusBadge question="Fulfilment" look={FULFILLMENT[status]} />
);

export const lifecycleWord = (status: OrderStatus): string => LIFECYCLE[status][0];

export const LIFECYCLES = Object.keys(LIFECYCLE) as OrderStatus[];
