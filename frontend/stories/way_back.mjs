// Who looks at an order and comes back finds the list as it was left; the keys say what they do.
import assert from "node:assert/strict";
import { assertAccessible, connectionIs, eventually, story } from "./console.mjs";
import { addNote, place, shownIds } from "./orders.mjs";

const SCROLLED = 300;

const scrolledTo = (page, pixels) =>
  eventually(
    async () => (await page.evaluate(() => scrollY)) === pixels,
    `the page scrolled to ${pixels}`,
  );

await story("way back", async (visitor) => {
  const { open } = await visitor();
  const page = await open("/?status=confirmed&sort=oldest");
  await connectionIs(page, "Live");
  await page.setViewportSize({ width: 1280, height: 320 });
  const elsewhere = await open("/");
  while ((await shownIds(elsewhere)).length < 12) await place(elsewhere);
  await page.bringToFront();
  await page.reload();
  await connectionIs(page, "Live");
  await page.locator("tr[data-order]").nth(9).waitFor();

  await page.evaluate((y) => scrollTo(0, y), SCROLLED);
  const left = await shownIds(page);
  await page.locator("tr[data-order]").nth(8).getByRole("link").click();
  await page.getByRole("heading", { level: 1, name: /^Order / }).waitFor();
  await scrolledTo(page, 0);
  await addNote(left[9], "Written while somebody looked elsewhere.");

  await page.getByRole("link", { name: "← Orders" }).click();
  await scrolledTo(page, SCROLLED);
  assert.match(page.url(), /status=confirmed&sort=oldest$/);
  assert.deepEqual((await shownIds(page)).slice(0, left.length), left);

  await page.goBack();
  await scrolledTo(page, 0);
  await page.goBack();
  await scrolledTo(page, SCROLLED);

  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});
