import { graphql } from "../gql";
import type { OrderQuery } from "../gql/graphql";

export type OrderDetails = NonNullable<OrderQuery["order"]>;

export const ORDER = graphql(`
  query Order($id: ID!, $minPosition: Position) {
    order(id: $id, minPosition: $minPosition) {
      id
      number
      customerName @personal
      customerId
      guestEmail @personal
      placedAt
      createdAt
      closedAt
      lifecycle
      paymentStatus
      fulfillmentStatus
      version
      closingReason
      shortages { sku requested available }
      allowedActions
      priceMode
      subtotal { ...Amount }
      discountTotal { ...Amount }
      shippingTotal { ...Amount }
      taxTotal { ...Amount }
      total { ...Amount }
      paid { ...Amount }
      refunded { ...Amount }
      shippingMethod { name }
      lines {
        id
        sku
        title
        quantity
        cancelled
        shipped
        delivered
        returned
        unitPrice { amount currency scale }
        total { ...Amount }
      }
      addresses {
        kind
        name @personal
        line1 @personal
        line2 @personal
        city @personal
        postcode @personal
        country
      }
      notes { id text }
      process { status steps { name status attempts code } }
    }
  }
  fragment Amount on Money { amount currency exponent }
`);

export const CANCEL_ORDER = graphql(`
  mutation CancelOrder($input: CancelOrderInput!) {
    cancelOrder(input: $input) { position errors { code message } }
  }
`);

export const ADD_NOTE = graphql(`
  mutation AddOrderNote($input: AddOrderNoteInput!) {
    addOrderNote(input: $input) { position errors { code message } }
  }
`);
