// The playground works offline: editor, collection of operations, subscription log, share links.
import assert from "node:assert/strict";
import { connectionIs, eventually, story } from "./console.mjs";
import { answerText, run } from "./editor.mjs";
import { place } from "./orders.mjs";

const named = (page, kind) =>
  page
    .locator(`section[data-kind="${kind}"] button[data-operation]`)
    .evaluateAll((buttons) => buttons.map((button) => button.dataset.operation));

await story("playground", async (visitor) => {
  const { open } = await visitor();
  const page = await open("/playground");
  await page.locator("button[data-operation]").first().waitFor();
  const queries = await named(page, "query");
  assert.ok(queries.length > 0, "the collection has queries");

  await run(page, "Orders");
  await eventually(async () => (await answerText(page)).includes('"data"'), "an answer");

  const shop = await open("/");
  await connectionIs(shop, "Live");
  await page.bringToFront();
  const subscriptions = await named(page, "subscription");
  await run(
    page,
    subscriptions.find((name) => /changed/i.test(name)),
  );
  await page.getByRole("button", { name: "Show Subscription log" }).click();
  const received = page.locator("output[data-received]");
  await eventually(async () => {
    await shop.getByRole("button", { name: "Place a demo order" }).first().click();
    return Number(await received.innerText()) > 0;
  }, "a message in the subscription log");
  assert.match(await page.locator(".orderlog-log li").first().innerText(), /"position"/);
  await page.getByRole("button", { name: "Show Operations" }).click();
  await run(page, "Order");
  await eventually(async () => /"order":\s/.test(await answerText(page)), "the order asked for");

  await page.getByRole("button", { name: "Show Subscription log" }).click();
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await place(shop);
  assert.equal(await received.innerText(), "0", "the stream has stopped");
});
