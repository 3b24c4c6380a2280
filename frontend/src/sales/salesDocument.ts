import { graphql } from "../gql";
import type { SalesByPeriodQuery } from "../gql/graphql";

export type Sales = SalesByPeriodQuery["salesByPeriod"][number];

export const SALES = graphql(`
  query SalesByPeriod($period: SalesPeriod!) {
    salesByPeriod(period: $period) {
      period
      currency
      orders
      units
      revenue { amount currency exponent }
    }
  }
`);
