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

const MIDDLE_BUTTON = 1;

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

  // The whole row leads to the order, into a new tab where a link would; the link does so by itself.
  const open = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest("a")) return;
    if (event.button > MIDDLE_BUTTON || getSelection()?.toString()) return;
    const elsewhere = event.ctrlKey || event.metaKey || event.button === MIDDLE_BUTTON;
    if (elsewhere) window.open(path, "_blank", "noopener");
    else navigate(path);
  };

  return (
    <tr
      ref={flash}
      data-order={order.id}
      data-position={order.position}
      onClick={open}
      onAuxClick={open}
    >
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
