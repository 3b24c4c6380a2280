import type { CreateDraftOrderInput, OrderLineInput } from "../gql/graphql";
import { capitalized } from "../ui/words";

const CURRENCY = "GBP";
const LINES_MAX = 3;
const QUANTITY_MAX = 3;

const PEOPLE = [
  { name: "Ada Lovelace", line1: "12 Analytical Row", city: "London", postcode: "N1 7AA" },
  { name: "Grace Hopper", line1: "3 Compiler Court", city: "Leeds", postcode: "LS1 4AP" },
  { name: "Alan Turing", line1: "8 Bletchley Park", city: "Milton Keynes", postcode: "MK3 6EB" },
  { name: "Barbara Liskov", line1: "27 Substitution Street", city: "Bristol", postcode: "BS1 5TR" },
  { name: "Edsger Dijkstra", line1: "1 Shortest Path", city: "York", postcode: "YO1 7HH" },
] as const;

const upTo = (most: number): number => 1 + Math.floor(Math.random() * most);

/** A small believable order of what is on the shelf. */
export function demoOrder(orderId: string, skus: string[]): CreateDraftOrderInput {
  const person = PEOPLE[upTo(PEOPLE.length) - 1] ?? PEOPLE[0];
  return {
    orderId,
    currency: CURRENCY,
    source: "WEB",
    guestEmail: `${person.name.toLowerCase().replace(" ", ".")}@example.org`,
    lines: pick(skus, upTo(LINES_MAX)).map(line),
    addresses: [{ kind: "SHIPPING", country: "GB", ...person }],
    shippingMethod: {
      methodId: "standard",
      name: "Standard",
      price: { amount: "4.90", currency: CURRENCY },
    },
  };
}

const line = (sku: string): OrderLineInput => ({
  sku,
  title: titleOf(sku),
  quantity: upTo(QUANTITY_MAX),
  unitPrice: { amount: priceOf(sku), currency: CURRENCY },
});

/** "MUG-BLUE" → "Mug blue": a shelf knows numbers of things, not what they are called. */
export function titleOf(sku: string): string {
  return capitalized(sku.replaceAll(/[-_]+/g, " ").trim().toLowerCase()) || sku;
}

/** Between 4.00 and 43.99, and always the same for the same SKU. */
export function priceOf(sku: string): string {
  const minor = [...sku].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 4_000, 7);
  return ((minor + 400) / 100).toFixed(2);
}

/** Some of the items, each at most once. */
export function pick<Item>(items: readonly Item[], count: number): Item[] {
  const left = [...items];
  const wanted = Math.min(count, left.length);
  return Array.from({ length: wanted }, () => left.splice(upTo(left.length) - 1, 1)).flat();
}
