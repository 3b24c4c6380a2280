import { useHotkeys } from "@mantine/hooks";
import { Grid } from "../ui/Grid";
import type { OrderRow } from "./documents";
import classes from "./OrdersPage.module.css";
import { OrderTableRow } from "./OrderTableRow";

interface OrdersTableProps {
  rows: OrderRow[];
  /** Order id → position of its last change. */
  changed: Record<string, string>;
}

const COLUMNS = [
  { name: "Order" },
  { name: "Placed" },
  { name: "Customer" },
  { name: "State" },
  { name: "Payment" },
  { name: "Fulfilment" },
  { name: "Items", right: true },
  { name: "Total", right: true },
];

export function OrdersTable({ rows, changed }: OrdersTableProps) {
  // The cursor is the focus of a link: it stays with its order when rows arrive above, and Enter
  // and Ctrl-Enter do what they do on every link.
  const move = (step: number) => {
    const links = [...document.querySelectorAll<HTMLAnchorElement>("tr[data-order] a")];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
  };

  useHotkeys([
    ["j", () => move(1)],
    ["k", () => move(-1)],
  ]);

  return (
    <Grid label="Orders" columns={COLUMNS} className={classes.table}>
      {rows.map((row) => (
        <OrderTableRow key={row.id} order={row} changedAt={changed[row.id]} />
      ))}
    </Grid>
  );
}
