/** A whole order in one request, to be pasted anywhere; each has an id of its own. */
export const exampleMutation = (orderId: string): string => `mutation PlaceAnOrder {
  createDraftOrder(input: {
    orderId: "${orderId}"
    currency: "GBP", guestEmail: "ada@example.org"
    lines: [{
      sku: "MUG-BLUE", title: "Blue mug", quantity: 2
      unitPrice: { amount: "9.50", currency: "GBP" }
    }]
    addresses: [{
      kind: SHIPPING, name: "Ada Lovelace", line1: "12 Analytical Row"
      city: "London", postcode: "N1 7AA", country: "GB"
    }]
    shippingMethod: {
      methodId: "standard", name: "Standard"
      price: { amount: "4.90", currency: "GBP" }
    }
  }) {
    errors { code message }
  }
  placeOrder(input: { orderId: "${orderId}" }) {
    order { id number lifecycle }
    position
    errors { code message }
  }
}
`;
