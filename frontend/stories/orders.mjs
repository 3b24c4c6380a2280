// The words in which the stories speak with the API.
import assert from "node:assert/strict";
import { ask, eventually } from "./console.mjs";

/** The newest orders, each with the position of its last event, as the server lists them. */
export async function listedOrders(first) {
  const { orders } = await ask(
    `query Listed($first: Int!) { orders(first: $first) { nodes { id position } } }`,
    { first },
  );
  return orders.nodes;
}

/** Positions of all that happened to one order, as the server lists its history. */
export async function positionsOf(id) {
  const positions = [];
  for (let after = "0"; ; ) {
    const { order } = await ask(
      `query History($id: ID!, $after: Position!) {
        order(id: $id) {
          history(first: 100, after: $after) { position nodes { position } pageInfo { hasNextPage } }
        }
      }`,
      { id, after },
    );
    positions.push(...order.history.nodes.map(({ position }) => position));
    if (!order.history.pageInfo.hasNextPage) return positions;
    after = order.history.position;
  }
}

export async function addNote(orderId, text) {
  const { addOrderNote } = await ask(
    `mutation Note($input: AddOrderNoteInput!) {
      addOrderNote(input: $input) { errors { code message } }
    }`,
    { input: { orderId, text } },
  );
  assert.deepEqual(addOrderNote.errors, []);
}

/** The same, as a page shows them. */
export const shownOrders = (page) =>
  page
    .locator("tr[data-order]")
    .evaluateAll((rows) => rows.map(({ dataset: { order: id, position } }) => ({ id, position })));

export const shownIds = async (page) => (await shownOrders(page)).map(({ id }) => id);

/** Oldest first, as the log has them. */
export const shownPositions = (page) =>
  page
    .locator("li[data-position]")
    .evaluateAll((events) => events.map((event) => event.dataset.position).reverse());

/** Presses the button; the answer is the id of the order, once the page that placed it lists it. */
export async function place(page) {
  const asked = page.waitForRequest((request) => request.postData()?.includes("PlaceDemoOrder"));
  await page.getByRole("button", { name: "Place a demo order" }).first().click();
  const { orderId } = (await asked).postDataJSON().variables.order;
  let placed;
  await eventually(async () => {
    const { order } = await ask("query Id($id: ID!) { order(id: $id) { id } }", { id: orderId });
    placed = order?.id;
    return (await shownIds(page)).includes(placed);
  }, "the placed order in the list of the page that placed it");
  return placed;
}
