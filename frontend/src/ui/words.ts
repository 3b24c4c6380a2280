const CODE = /^[A-Z\d_]+$|^[a-z\d-]+$/;

/** "INSUFFICIENT_STOCK", "commit-stock" → "insufficient stock": codes are for programs. Text stays. */
export const codeWords = (code: string): string =>
  CODE.test(code) ? code.replaceAll(/[_-]+/g, " ").trim().toLowerCase() : code;

export const capitalized = (words: string): string =>
  words.charAt(0).toUpperCase() + words.slice(1);

const countries = new Intl.DisplayNames("en-GB", { type: "region", fallback: "code" });

/** "NL" → "Netherlands"; what is no country code of ISO 3166 stays as it was given. */
export function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (countries.of(code) ?? code) : code;
}

const currencies = new Intl.DisplayNames("en-GB", { type: "currency", fallback: "code" });

/** "GBP" → "British Pound (GBP)" */
export function currencyName(code: string): string {
  const name = currencies.of(code) ?? code;
  return name === code ? code : `${name} (${code})`;
}

/** "1 order", "12 orders" */
export const counted = (count: number, one: string): string =>
  `${count.toLocaleString("en-GB")} ${count === 1 ? one : `${one}s`}`;
