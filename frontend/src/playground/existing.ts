import { readOnce } from "./readOnce";

/** What exists now, for operations that speak of something. */
export interface Existing {
  order?: { id: string; process: { id: string } | null } | undefined;
  draft?: { id: string } | undefined;
  customerId?: string | undefined;
  paymentId?: string | undefined;
  item?: { sku: string; warehouseId: string } | undefined;
}

/** Each apart: what a role may not see leaves the others standing. */
const READS = {
  orders: "{ orders(first: 20) { nodes { id lifecycle process { id } } } }",
  drafts: "{ orders(first: 1, filter: { lifecycle: [DRAFT] }) { nodes { id } } }",
  customers: "{ orders(first: 20) { nodes { customerId } } }",
  payments: "{ orders(first: 20) { nodes { payments { id } } } }",
  items: "{ stockItems(first: 1) { nodes { sku warehouseId } } }",
};

async function readNodes<Node>(query: string): Promise<Node[]> {
  const data = await readOnce<Record<string, { nodes: Node[] }>>(query);
  return Object.values(data ?? {}).flatMap(({ nodes }) => nodes);
}

/** Nothing where the server does not answer: the variables are then filled in by hand. */
export async function readExisting(): Promise<Existing> {
  type Order = NonNullable<Existing["order"]> & { lifecycle: string };
  const [orders, drafts, customers, payments, items] = await Promise.all([
    readNodes<Order>(READS.orders),
    readNodes<{ id: string }>(READS.drafts),
    readNodes<{ customerId: string | null }>(READS.customers),
    readNodes<{ payments: { id: string }[] }>(READS.payments),
    readNodes<{ sku: string; warehouseId: string }>(READS.items),
  ]);
  return {
    order: orders.find(({ lifecycle }) => lifecycle === "CONFIRMED") ?? orders[0],
    draft: drafts[0],
    customerId: customers.find(({ customerId }) => customerId)?.customerId ?? undefined,
    paymentId: payments.flatMap((order) => order.payments)[0]?.id,
    item: items[0],
  };
}
