import type { Client } from "urql";
import { graphql } from "../gql";
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

const FILL_SHELF = graphql(`
  mutation FillShelf($item: RegisterStockItemInput!, $delivery: ReceiveStockInput!) {
    registerStockItem(input: $item) {
      errors {
        code
        message
      }
    }
    receiveStock(input: $delivery) {
      errors {
        code
        message
      }
    }
  }
`);

const WAREHOUSE = "main";
const FIRST_SKUS = ["MUG-BLUE", "TEAPOT-CAST", "NOTEBOOK-A5"];
const FIRST_QUANTITY = 200;

export type Shelf = { skus: string[] } | { refused: string };

/** What can be sold; where nothing was ever registered, a first delivery comes in. */
export async function demoShelf(client: Client): Promise<Shelf> {
  const { data, error } = await client.query(SHELF, { first: 100 }).toPromise();
  if (!data) return { refused: refusal({ error }) ?? "The shelf could not be read." };
  const items = data.stockItems.nodes;
  if (items.length === 0) return fillShelf(client);
  const skus = items.filter(({ available }) => available > 0).map(({ sku }) => sku);
  return skus.length > 0 ? { skus } : { refused: "Everything is sold out. Receive some stock." };
}

async function fillShelf(client: Client): Promise<Shelf> {
  for (const sku of FIRST_SKUS) {
    const item = { sku, warehouseId: WAREHOUSE };
    const delivery = { ...item, quantity: FIRST_QUANTITY, reference: "first-delivery" };
    const { data, error } = await client.mutation(FILL_SHELF, { item, delivery }).toPromise();
    const refused =
      refusal({ error, errors: data?.registerStockItem.errors }) ??
      refusal({ errors: data?.receiveStock.errors });
    if (refused) return { refused };
  }
  return { skus: FIRST_SKUS };
}
