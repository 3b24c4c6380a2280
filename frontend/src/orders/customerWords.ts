interface Customer {
  customerName: string | null;
  customerId: string | null;
}

/** A name where there is one; imported orders know their customers by id only. */
export function customerWords({ customerName, customerId }: Customer): string {
  return customerName ?? (customerId ? `Customer ${customerId.slice(0, 8)}` : "Guest");
}
