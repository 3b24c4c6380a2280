/** What the API says of an amount: exact decimal text, never a float. */
export interface Money {
  amount: string;
  currency: string;
  exponent: number;
}

/** What one unit costs: finer than money, up to six decimals. */
export interface UnitPrice {
  amount: string;
  currency: string;
  scale: number;
}

const formatters = new Map<string, Intl.NumberFormat>();

function formatter(currency: string, least: number, most = least): Intl.NumberFormat {
  const key = `${currency}/${least}/${most}`;
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat("en-GB", {
    style: "currency",
    currency,
    minimumFractionDigits: least,
    maximumFractionDigits: most,
  });
  formatters.set(key, made);
  return made;
}

/** "£1,234.50", "JP¥500", "KWD 1.250": the currency's own digits, whatever the size of the amount. */
export function formatMoney({ amount, currency, exponent }: Money): string {
  // Text keeps all digits; Intl rounds only what passed through a JavaScript number.
  return formatter(currency, exponent).format(amount as Intl.StringNumericLiteral);
}

/** As money of the same currency, with the further decimals that the price really has. */
export function formatUnitPrice({ amount, currency, scale }: UnitPrice, exponent: number): string {
  const most = Math.max(scale, exponent);
  return formatter(currency, exponent, most).format(amount as Intl.StringNumericLiteral);
}

export function isZero({ amount }: Money): boolean {
  return !/[1-9]/.test(amount);
}
