import { formatMoney, type Money } from "./money";

export const MoneyText = ({ money }: { money: Money }) => (
  <span className="figures">{formatMoney(money)}</span>
);
