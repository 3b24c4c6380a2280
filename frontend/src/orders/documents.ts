import { graphql } from "../gql";
import type { OrderRowFragment } from "../gql/graphql";

export type OrderRow = OrderRowFragment;

export const ROW = graphql(`
  fragment OrderRow on Order {
    id
    number
    customerName @personal
    customerId
    placedAt
    createdAt
    lifecycle
    paymentStatus
    fulfillmentStatus
    itemCount
    position
    total { amount currency exponent }
  }
`);

export const ORDERS = graphql(`
  query Orders($first: Int!, $after: String, $filter: OrderFilter, $sort: OrderSort) {
    orders(first: $first, after: $after, filter: $filter, sort: $sort) {
      position
      pageInfo { endCursor hasNextPage }
      edges { node { ...OrderRow } }
    }
  }
`);

export const ORDER_COUNT = graphql(`
  query OrderCount($filter: OrderFilter) {
    orders(first: 1, filter: $filter) { totalCount totalCountIsCapped }
  }
`);

export const ORDER_CHANGED = graphql(`
  subscription OrderChanged($after: Position!) {
    orderChanged(after: $after) { position order { ...OrderRow } }
  }
`);
