// What Relay alone asks of a schema: connections that it can page through, nodes to fetch again.

import { graphql } from "relay-runtime";

export const page = graphql`
  fragment OrderTable_orders on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" })
  @refetchable(queryName: "OrderTablePageQuery") {
    orders(first: $count, after: $cursor) @connection(key: "OrderTable_orders") {
      edges {
        node {
          id
          ...OrderTable_row
        }
      }
    }
  }
`;

export const row = graphql`
  fragment OrderTable_row on Order @refetchable(queryName: "OrderTableRowQuery") {
    number
    lifecycle
    total {
      amount
      currency
    }
  }
`;

export const history = graphql`
  fragment OrderTable_history on Order
  @argumentDefinitions(count: { type: "Int", defaultValue: 25 }, cursor: { type: "Position" })
  @refetchable(queryName: "OrderTableHistoryQuery") {
    history(first: $count, after: $cursor) @connection(key: "OrderTable_history") {
      edges {
        node {
          type
        }
      }
    }
  }
`;
