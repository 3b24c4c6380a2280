// Who asks: a token comes in a link, is kept for the tab, and what a role may not see breaks nothing.
import assert from "node:assert/strict";
import { assertAccessible, base, connectionIs, eventually, story, token } from "./console.mjs";

const orders = (page) => page.locator("tr[data-order]");
const menu = (page) => page.getByRole("navigation", { name: "Pages" });

async function tokenOf(role) {
  const answer = await fetch(`${base}/demo/tokens`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { tokens } = await answer.json();
  return tokens.find((each) => each.role === role).token;
}

async function aLink({ context, open }) {
  const page = await open(`/#token=${token}`);
  await orders(page).first().waitFor();
  await connectionIs(page, "Live");
  assert.equal(page.url(), `${base}/`, "the token is not in the address");
  await page.locator("[data-bearer]", { hasText: /admin.*11 h left/s }).waitFor();

  await page.reload();
  await orders(page).first().waitFor();

  const opening = context.waitForEvent("page");
  await orders(page)
    .first()
    .getByRole("link")
    .click({ modifiers: ["Control"] });
  const order = await opening;
  await order.getByRole("heading", { level: 1, name: /^(Order|Draft)/ }).waitFor();
  await connectionIs(order, "Live");
}

async function aStranger({ open }) {
  const page = await open("/");
  const session = page.getByRole("region", { name: "Session" });
  await session.getByText("Who asks?").waitFor();
  await connectionIs(page, "Signed out");
  await assertAccessible(page);
  await session.getByLabel("Token or link").fill("no token at all");
  await session.getByRole("button", { name: "Go on" }).click();
  await session.getByText("Your session has ended.").waitFor();
  await session.getByLabel("Token or link").fill(`${base}/#token=${token}`);
  await session.getByRole("button", { name: "Go on" }).click();
  await orders(page).first().waitFor();
  assert.equal(await session.count(), 0);
}

async function aViewer({ open }) {
  const page = await open(`/#token=${await tokenOf("viewer")}`);
  await orders(page).first().waitFor();
  await connectionIs(page, "Live");
  assert.deepEqual(await menu(page).getByRole("link").allInnerTexts(), [
    "Orders",
    "Stock",
    "Sales",
    "Playground",
  ]);
  const customer = orders(page).first().locator("td").nth(2);
  assert.match(await customer.innerText(), /^(Customer [0-9a-f]{8}|Guest)$/, "no name is told");
  await orders(page).first().getByRole("link").click();
  await page.getByRole("region", { name: "Timeline" }).locator("li").first().waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);
  await assertAccessible(page);

  await page.goto(`${base}/operations`);
  await page.getByText("The log: this needs another role than yours.").waitFor();
  await assertAccessible(page);
}

async function aRenewal({ open }) {
  const page = await open(`/#token=${token}`);
  await orders(page).first().getByRole("link").click();
  const note = page.getByLabel("Note");
  await note.fill("half a thought");
  await connectionIs(page, "Live");
  await take(page, await tokenOf("admin"));
  await connectionIs(page, "Reconnecting");
  await connectionIs(page, "Live");
  assert.equal(await note.inputValue(), "half a thought", "the same bearer loses nothing");
}

/** As a link that is opened where the console is already. */
const take = (page, given) =>
  page.evaluate((text) => {
    location.hash = `token=${text}`;
  }, given);

async function aLinkInAnOpenTab({ open }) {
  const page = await open(`/operations#token=${await tokenOf("viewer")}`);
  await page.getByText("The log: this needs another role than yours.").waitFor();
  await take(page, token);
  await eventually(
    async () => (await page.locator("tr[data-position]").count()) > 0,
    "the log, read anew by the other bearer",
  );
}

await story(
  "session",
  async (visitor) => {
    await aLink(await visitor());
    await aStranger(await visitor());
    await aViewer(await visitor());
    await aRenewal(await visitor());
    await aLinkInAnOpenTab(await visitor());
  },
  { refusals: [400, 401, 403] },
);
