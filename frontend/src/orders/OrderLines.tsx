import { Grid } from "../ui/Grid";
import { MoneyText } from "../ui/MoneyText";
import { formatUnitPrice } from "../ui/money";
import classes from "./OrderPage.module.css";
import type { OrderDetails } from "./orderDocuments";

const COLUMNS = [
  { name: "Item" },
  { name: "Unit price", right: true },
  { name: "Quantity", right: true },
  { name: "Total", right: true },
];

export const OrderLines = ({ lines }: { lines: OrderDetails["lines"] }) => (
  <Grid label="Lines of the order" columns={COLUMNS}>
    {lines.map((line) => (
      <tr key={line.id}>
        <td>
          {line.title}
          <br />
          <small>{line.sku}</small>
        </td>
        <td className="right">
          <span className="figures">{formatUnitPrice(line.unitPrice, line.total.exponent)}</span>
        </td>
        <td className="right figures">
          {line.quantity}
          {whereabouts(line).map((words) => (
            <small key={words} className={classes.whereabouts}>
              {words}
            </small>
          ))}
        </td>
        <td className="right">
          <MoneyText money={line.total} />
        </td>
      </tr>
    ))}
  </Grid>
);

type Line = OrderDetails["lines"][number];

/** What became of its units so far: "2 delivered", "1 returned"; nothing while all are open. */
function whereabouts({ cancelled, shipped, delivered, returned }: Line): string[] {
  const counts = { cancelled, shipped: shipped - delivered, delivered, returned };
  return Object.entries(counts)
    .filter(([, units]) => units > 0)
    .map(([word, units]) => `${units} ${word}`);
}
