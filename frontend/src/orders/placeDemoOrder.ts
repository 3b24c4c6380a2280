import type { Client } from "urql";
import { graphql } from "../gql";
import type { CreateDraftOrderInput } from "../gql/graphql";
import { demoOrder } from "./demoOrder";
import { refusal } from "./refusal";

const SHELF = graphql(`
  query Shelf($first: Int!) {
    stockItems(first: $first) {
      nodes {
        sku
        available
      }
    }
  }
`);

/** Mutations of one request run one after the other: the second finds what the first made. */
const PLACE_DEMO_ORDER = graphql(`
  mutation PlaceDemoOrder($draft: CreateDraftOrderInput!, $order: PlaceOrderInput!) {
    createDraftOrder(input: $draft) {
      errors {
        code
        message
      }
    }
    placeOrder(input: $order) {
      errors {
        code
        message
      }
    }
  }
`);

/** Places an order of what is in stock; the answer says why not, or nothing where it was placed. */
export async function placeDemoOrder(client: Client): Promise<string | undefined> {
  const shelf = await client.query(SHELF, { first: 100 }).toPromise();
  if (!shelf.data) return refusal({ error: shelf.error });
  const skus = shelf.data.stockItems.nodes
    .filter(({ available }) => available > 0)
    .map(({ sku }) => sku);
  if (skus.length === 0) return "Nothing is in stock. Receive some stock first.";

  const orderId = crypto.randomUUID();
  const draft: CreateDraftOrderInput = demoOrder(orderId, skus);
  const { data, error } = await client
    .mutation(PLACE_DEMO_ORDER, { draft, order: { orderId } })
    .toPromise();
  const drafted = refusal({ error, errors: data?.createDraftOrder.errors });
  return drafted ?? refusal({ errors: data?.placeOrder.errors });
}
