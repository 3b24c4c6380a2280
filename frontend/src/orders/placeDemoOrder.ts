import type { Client } from "urql";
import { graphql } from "../gql";
import { demoOrder } from "./demoOrder";
import { demoShelf } from "./demoShelf";
import { refusal } from "./refusal";

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
  const shelf = await demoShelf(client);
  if ("refused" in shelf) return shelf.refused;
  const orderId = crypto.randomUUID();
  const variables = { draft: demoOrder(orderId, shelf.skus), order: { orderId } };
  const { data, error } = await client.mutation(PLACE_DEMO_ORDER, variables).toPromise();
  const drafted = refusal({ error, errors: data?.createDraftOrder.errors });
  return drafted ?? refusal({ errors: data?.placeOrder.errors });
}
