// The order page follows its order: each event once, as it happens, and the page with it.
import assert from "node:assert/strict";
import { connectionIs, eventually, story } from "./console.mjs";
import { addNote, place, positionsOf, shownPositions } from "./orders.mjs";

const sameAsLog = (page, id) =>
  eventually(async () => {
    assert.deepEqual(await shownPositions(page), await positionsOf(id));
    return true;
  }, "the timeline as the log has it");

await story("order timeline", async (visitor) => {
  const page = await (await visitor()).open("/");
  await connectionIs(page, "Live");
  const id = await place(page);
  const row = page.locator(`tr[data-order="${id}"]`);
  await row.filter({ hasText: "Confirmed" }).waitFor();

  await row.getByRole("link").click();
  await page.getByRole("heading", { level: 1, name: /^Order / }).waitFor();
  await sameAsLog(page, id);

  await page.getByLabel("Note", { exact: true }).fill("Leave it with the neighbour.");
  await page.getByRole("button", { name: "Add note" }).click();
  await page.locator("li[data-position]").filter({ hasText: "Note added" }).waitFor();
  await page.getByLabel("Customer").getByText("Leave it with the neighbour.").waitFor();

  await addNote(id, "Told from elsewhere.");
  await page.getByLabel("Customer").getByText("Told from elsewhere.").waitFor();

  await page.keyboard.press("Escape");
  await page.locator("body").click({ position: { x: 640, y: 5 } });
  await page.keyboard.press("p");
  await connectionIs(page, "Paused");
  await addNote(id, "While paused.");
  await page.getByRole("button", { name: /Resume \(\+1\)/ }).click();
  await page.getByLabel("Customer").getByText("While paused.").waitFor();

  await page.getByRole("button", { name: "Cancel order" }).click();
  await page
    .locator("li[data-position]")
    .filter({ hasText: /^Cancelled/ })
    .first()
    .waitFor();
  await eventually(
    () => page.getByRole("button", { name: "Cancel order" }).isDisabled(),
    "a cancelled order cannot be cancelled again",
  );

  await page
    .locator("li[data-position] > details > summary")
    .filter({ visible: true })
    .first()
    .click();
  await page.getByRole("button", { name: "Copy payload" }).first().waitFor();
  await sameAsLog(page, id);
});
