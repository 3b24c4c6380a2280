import { graphql } from "../gql";
import type { StockRowFragment } from "../gql/graphql";

export type StockRow = StockRowFragment;

export const STOCK_ROW = graphql(`
  fragment StockRow on StockItem { id sku warehouseId onHand reserved available }
`);

export const STOCK_ITEMS = graphql(`
  query StockItems($first: Int!, $after: String) {
    stockItems(first: $first, after: $after) {
      position
      pageInfo { endCursor hasNextPage }
      edges { node { ...StockRow } }
    }
  }
`);

export const STOCK_CHANGED = graphql(`
  subscription StockChanged($after: Position!) {
    stockChanged(after: $after) { position stockItem { ...StockRow } }
  }
`);
