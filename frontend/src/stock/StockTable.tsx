import { Grid } from "../ui/Grid";
import { useFlash } from "../ui/useFlash";
import type { StockRow } from "./documents";

interface StockTableProps {
  items: StockRow[];
  /** Item id → position of its last change. */
  changed: Record<string, string>;
}

const COLUMNS = [
  { name: "SKU" },
  { name: "Warehouse" },
  { name: "On hand", right: true },
  { name: "Reserved", right: true },
  { name: "Available", right: true },
];

export const StockTable = ({ items, changed }: StockTableProps) => (
  <Grid label="Stock" columns={COLUMNS}>
    {items.map((item) => (
      <StockTableRow key={item.id} item={item} changedAt={changed[item.id]} />
    ))}
  </Grid>
);

function StockTableRow({ item, changedAt }: { item: StockRow; changedAt: string | undefined }) {
  const flash = useFlash(changedAt);
  return (
    <tr ref={flash} data-sku={item.sku}>
      <td>{item.sku}</td>
      <td>{item.warehouseId}</td>
      <td className="right figures">{item.onHand}</td>
      <td className="right figures">{item.reserved}</td>
      <td className="right figures">
        {item.available <= 0 ? <strong>none left</strong> : item.available}
      </td>
    </tr>
  );
}
