import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { FulfillmentBadge, LifecycleBadge, lifecycleWord, PaymentBadge } from "../ui/badges";
import { PageTitle } from "../ui/PageTitle";
import { RelativeTime } from "../ui/RelativeTime";
import { codeWords } from "../ui/words";
import { ORDER, type OrderDetails } from "./orderDocuments";

/** What an order is, where it stands, and why it ended where it has. */
export const OrderHead = ({ order }: { order: OrderDetails }) => (
  <>
    <PageTitle
      title={order.number ? `Order ${order.number}` : "Draft order"}
      asked={{ document: ORDER, variables: { id: order.id } }}
    >
      <Named name="State">
        <LifecycleBadge status={order.lifecycle} />
      </Named>
      <Named name="Payment">
        <PaymentBadge status={order.paymentStatus} />
      </Named>
      <Named name="Fulfilment">
        <FulfillmentBadge status={order.fulfillmentStatus} />
      </Named>
    </PageTitle>
    <Text size="sm" c="dimmed" mt="calc(-1 * var(--mantine-spacing-xs))" mb="md">
      {order.placedAt ? "Placed" : "Begun"} <RelativeTime iso={order.placedAt ?? order.createdAt} />
      {order.closedAt && (
        <>
          {` · ${lifecycleWord(order.lifecycle)} `}
          <RelativeTime iso={order.closedAt} />
        </>
      )}
      {order.closingReason && `: ${codeWords(order.closingReason)}`}
      {order.shortages.map(shortageWords).join("")}
    </Text>
  </>
);

/** "Pending" alone does not say what is pending. */
const Named = ({ name, children }: { name: string; children: ReactNode }) => (
  <Group gap={6} wrap="nowrap">
    <Text size="xs" c="dimmed">
      {name}
    </Text>
    {children}
  </Group>
);

type Shortage = OrderDetails["shortages"][number];

const shortageWords = ({ sku, requested, available }: Shortage): string =>
  ` · ${sku}: ${requested} wanted, ${available} in stock`;
