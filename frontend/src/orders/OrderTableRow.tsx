import { Anchor } from "@mantine/core";
import { type MouseEvent, memo } from "react";
import { Link, useLocation } from "wouter";
import { FulfillmentBadge, LifecycleBadge, PaymentBadge } from "../ui/badges";
import { MoneyText } from "../ui/MoneyText";
import { RelativeTime } from "../ui/RelativeTime";
import { useFlash } from "../ui/useFlash";
import { customerWords } from "./customerWords";
import type { OrderRow } from "./documents";
import classes from "./OrdersPage.module.css";

export const orderPath = (id: string): string => `/orders/${encodeURIComponent(id)}`;

interface OrderTableRowProps {
  order: OrderRow;
  /** Position of the change that this row flashes for. */
  changedAt: string | undefined;
}

export const OrderTableRow = memo(({ order, changedAt }: OrderTableRowProps) => {
  const [, navigate] = useLocation();
  const flash = useFlash(changedAt);
  const path = orderPath(order.id);

  // The whole row leads to the order; a link inside it does so by itself, also into a new tab.
  const open = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest("a")) return;
    if (getSelection()?.toString()) return;
    navigate(path);
  };

  return (
    <tr ref={flash} data-order={order.id} data-position={order.position} onClick={open}>
      <td data-cell="number">
        <Anchor component={Link} href={path} size="sm" className={classes.number}>
          {order.number ?? "Draft"}
        </Anchor>
      </td>
      <td data-cell="placed">
        {order.placedAt ? <RelativeTime iso={order.placedAt} /> : "not placed"}
      </td>
      <td className={classes.customer} data-cell="customer">
        {customerWords(order)}
      </td>
      <td data-cell="states">
        <LifecycleBadge status={order.lifecycle} />
      </td>
      <td data-cell="states">
        <PaymentBadge status={order.paymentStatus} />
      </td>
      <td data-cell="states">
        <FulfillmentBadge status={order.fulfillmentStatus} />
      </td>
      <td className="right figures" data-cell="items">
        {order.itemCount}
      </td>
      <td className="right" data-cell="total">
        <MoneyText money={order.total} />
      </td>
    </tr>
  );
});
