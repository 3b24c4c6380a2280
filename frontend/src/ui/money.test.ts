import { expect, test } from "vitest";
import { formatMoney, formatUnitPrice, isZero } from "./money";

// Intl separates code and number by a no-break space; the eye does not mind which.
const shown = (amount: string, currency: string, exponent: number) =>
  formatMoney({ amount, currency, exponent }).replaceAll("\u00a0", " ");

test("each currency shows its own number of decimals", () => {
  expect(shown("1234.50", "GBP", 2)).toBe("£1,234.50");
  expect(shown("500", "JPY", 0)).toBe("JP¥500");
  expect(shown("1.250", "KWD", 3)).toBe("KWD 1.250");
});

test("an amount beyond what a float can hold keeps its last digit", () => {
  expect(shown("92233720368547758.07", "GBP", 2)).toBe("£92,233,720,368,547,758.07");
});

test("a refund is negative", () => {
  expect(shown("-3.00", "GBP", 2)).toBe("-£3.00");
});

test("zero is zero in every exponent", () => {
  expect(isZero({ amount: "0.000", currency: "KWD", exponent: 3 })).toBe(true);
  expect(isZero({ amount: "0.10", currency: "GBP", exponent: 2 })).toBe(false);
});

test("a price finer than its currency shows the decimals that it has", () => {
  const price = (amount: string, scale: number) =>
    formatUnitPrice({ amount, currency: "GBP", scale }, 2);
  expect(price("0.001", 3)).toBe("£0.001");
  expect(price("2.5", 1)).toBe("£2.50");
});
