// What a client is told by its types alone; each line is a claim that tsc checks.

import type { ResultOf, VariablesOf } from "gql.tada";
import { graphql } from "./graphql.js";

const orders = graphql(`
  query Probe($filter: OrderFilter) {
    orders(filter: $filter) {
      nodes { number lifecycle total { amount } }
      position
    }
  }
`);
type Orders = ResultOf<typeof orders>["orders"];

export const amount: Orders["nodes"][number]["total"]["amount"] = "12.50";
export const position: Orders["position"] = "9007199254740993";
export const numberOfDraft: Orders["nodes"][number]["number"] = null;
export const confirmed: Orders["nodes"][number]["lifecycle"] = "CONFIRMED";
export const wanted: VariablesOf<typeof orders> = { filter: { lifecycle: ["PENDING"] } };
// @ts-expect-error - an amount is never a JavaScript number
export const rounded: Orders["nodes"][number]["total"]["amount"] = 12.5;
// @ts-expect-error - there is no such state
export const unknown: VariablesOf<typeof orders> = { filter: { lifecycle: ["LOST"] } };
