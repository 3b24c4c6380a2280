import { Grid } from "../ui/Grid";
import { MoneyText } from "../ui/MoneyText";
import { formatUnitPrice } from "../ui/money";
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
          {line.cancelled > 0 && <small> − {line.cancelled} cancelled</small>}
        </td>
        <td className="right">
          <MoneyText money={line.total} />
        </td>
      </tr>
    ))}
  </Grid>
);
