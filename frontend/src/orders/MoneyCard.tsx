import { Title } from "@mantine/core";
import { MoneyText } from "../ui/MoneyText";
import { isZero, type Money } from "../ui/money";
import classes from "./OrderPage.module.css";
import type { OrderDetails } from "./orderDocuments";

export const MoneyCard = ({ order }: { order: OrderDetails }) => (
  <section className={`panel ${classes.card}`} aria-label="Money">
    <Title order={2} size="h5" mb="sm">
      Money
    </Title>
    <dl className={classes.sums}>
      <Sum name="Subtotal" money={order.subtotal} />
      {!isZero(order.discountTotal) && <Sum name="Discount" money={order.discountTotal} />}
      <Sum name="Shipping" money={order.shippingTotal} />
      <Sum name={order.priceMode === "NET" ? "Tax" : "Tax, included"} money={order.taxTotal} />
      <Sum name="Total" money={order.total} strong />
      <Sum name="Paid" money={order.paid} />
      {!isZero(order.refunded) && <Sum name="Refunded" money={order.refunded} />}
    </dl>
  </section>
);

const Sum = ({ name, money, strong }: { name: string; money: Money; strong?: boolean }) => (
  <>
    <dt className={strong ? classes.total : undefined}>{name}</dt>
    <dd className={strong ? classes.total : undefined}>
      <MoneyText money={money} />
    </dd>
  </>
);
