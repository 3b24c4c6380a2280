import { initGraphQLTada } from "gql.tada";
import type { introspection } from "./introspection.js";

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: {
    BigInt: string;
    CurrencyCode: string;
    Date: string;
    DateTime: string;
    Decimal: string;
    JSON: unknown;
    Position: string;
  };
}>();
