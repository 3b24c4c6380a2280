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
  NONE: ["None", "dash", "quiet"],
  PENDING: ["Pending", "clock", "waiting"],
  PARTIALLY_AUTHORIZED: ["Partially authorized", "half", "waiting"],
  AUTHORIZED: ["Authorized", "dot", "active"],
  PARTIALLY_PAID: ["Partially paid", "half", "waiting"],
  PAID: ["Paid", "check", "good"],
  OVERPAID: ["Overpaid", "plus", "waiting"],
  PARTIALLY_REFUNDED: ["Partially refunded", "back", "active"],
  REFUNDED: ["Refunded", "back", "quiet"],
  FAILED: ["Failed", "cross", "bad"],
};

const FULFILLMENT: Record<FulfillmentStatus, Look> = {
  UNFULFILLED: ["Unfulfilled", "ring", "quiet"],
  BACKORDERED: ["Backordered", "clock", "waiting"],
  PARTIALLY_SHIPPED: ["Partially shipped", "half", "active"],
  SHIPPED: ["Shipped", "arrow", "active"],
  PARTIALLY_DELIVERED: ["Partially delivered", "half", "good"],
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
