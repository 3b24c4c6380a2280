// The playground with a token: streams by three transports, programs that run, links that carry none.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { assertAccessible, base, eventually, story, token } from "./console.mjs";
import { answers, choose, copied, execute, run, showPlugin, stop, tabOpened } from "./editor.mjs";

/** How each program is run; a shell gives way to curl, so that both end together. */
const PROGRAMS = {
  curl: ["sh", "-c", 'eval "exec $0"'],
  Python: [process.env.PYTHON ?? "python3", "-c"],
  TypeScript: [process.execPath, "--input-type=module", "-e"],
};

/** All of the page but what the editor draws by itself. */
const OURS = { exclude: [".graphiql-tabs", ".monaco-editor"] };

const received = async (page) => Number(await page.locator("output[data-received]").innerText());

const positions = (page) =>
  page
    .locator(".orderlog-log pre")
    .evaluateAll((all) =>
      all.map(({ textContent }) => JSON.parse(textContent).data.orderEvents.position),
    );

async function everyTransport(page) {
  await choose(page, "OrderEvents");
  await showPlugin(page, "Subscription log");
  for (const transport of ["WebSocket", "SSE", "multipart"]) {
    await page.getByRole("button", { name: "Clear", exact: true }).click();
    await page.getByLabel(transport).check();
    await execute(page);
    await eventually(async () => (await received(page)) > 2, `history by ${transport}`);
    await page.locator(".orderlog-run", { hasText: transport }).waitFor();
    await stop(page);
  }
  await assertAccessible(page, OURS);
  await page.getByRole("button", { name: "Go on from here" }).click();
  await page.getByRole("button", { name: /Stop query/ }).waitFor();
  await stop(page);
  const told = await positions(page);
  assert.equal(new Set(told).size, told.length, "nothing comes twice");
}

async function aMutationAndItsEvents(page) {
  await showPlugin(page, "Operations");
  await run(page, "CreateDraftOrder");
  const events = page.getByRole("list", { name: "Events that came of it" });
  await events.getByText("OrderDrafted").waitFor();
  await assertAccessible(page, OURS);
  await events.getByRole("link").first().click();
  await tabOpened(page, "Events");
  await execute(page);
  await answers(page, '"type": "OrderDrafted"');
}

async function otherRoles(page) {
  await showPlugin(page, "Access");
  const access = page.locator(".orderlog-plugin");
  await access.getByText("admin", { exact: true }).first().waitFor();
  await access.locator("[data-expiry]", { hasText: "11 h left" }).waitFor();
  await access.getByRole("button", { name: "viewer" }).click();
  await access.locator("dd", { hasText: "viewer" }).waitFor();
  await assertAccessible(page, OURS);
  await execute(page);
  await answers(page, '"FORBIDDEN"');
  await access.getByRole("button", { name: "admin" }).click();
  await execute(page);
  await answers(page, '"type": "OrderDrafted"');
}

/** A program that prints what a stream brings, and would for ever. */
async function follows([command, ...given], env) {
  const following = spawn(command, given, { env });
  const late = setTimeout(() => following.kill(), 10_000);
  let told = "";
  for await (const chunk of following.stdout) {
    told += chunk;
    if (told.includes("orderEvents")) break;
  }
  clearTimeout(late);
  following.kill();
  assert.match(told, /orderEvents/, command);
}

async function programsThatRun(page) {
  await showPlugin(page, "Operations");
  await choose(page, "Order");
  const env = { ...process.env, ORDERLOG_TOKEN: token };
  for (const [form, [command, ...options]] of Object.entries(PROGRAMS)) {
    const program = await copied(page, form);
    assert.ok(!program.includes(token), "no program carries the token");
    const { stdout } = await promisify(execFile)(command, [...options, program], { env });
    assert.match(stdout, /"lifecycle"/, `${form} asks`);
  }
  await choose(page, "OrderEvents");
  for (const [form, [command, ...options]] of Object.entries(PROGRAMS)) {
    await follows([command, ...options, await copied(page, form)], env);
  }
}

async function aLinkForOthers(page, open) {
  await page.getByRole("button", { name: "Copy a link to this operation" }).click();
  await page.getByRole("status").filter({ hasText: "Copied: link" }).waitFor();
  const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  assert.ok(!link.href.includes(token), "no link carries the token");
  const other = await open(link.pathname + link.hash);
  await other.locator(".graphiql-query-editor", { hasText: "OrderEvents" }).waitFor();
  await other.close();
}

async function thereAndBack(page) {
  await page.goto(`${base}/stock?from=somewhere`);
  await page.getByRole("link", { name: "Open in playground" }).click();
  await page.locator(".graphiql-query-editor", { hasText: "StockItems" }).waitFor();
  await execute(page);
  await answers(page, '"sku"');
  await page.getByRole("link", { name: "← orderlog" }).click();
  await page.getByRole("heading", { level: 1, name: "Stock" }).waitFor();
  assert.match(page.url(), /\/stock\?from=somewhere$/);
}

async function theContract(page) {
  await showPlugin(page, "Events and schema");
  await page.getByLabel("Search events").fill("OrderPlaced");
  await page.locator('details[data-event="OrderPlaced"] summary').click();
  await page.locator('details[data-event="OrderPlaced"]', { hasText: "order_number" }).waitFor();
  await assertAccessible(page, OURS);
  const saving = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download the schema (SDL)" }).click();
  assert.equal((await saving).suggestedFilename(), "schema.graphql");
}

await story(
  "playground access",
  async (visitor) => {
    const { context, open } = await visitor();
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await open(`/playground#token=${token}`);
    await page.locator("button[data-operation]").first().waitFor();
    assert.equal(page.url(), `${base}/playground`, "the token is not in the address");
    await everyTransport(page);
    await aMutationAndItsEvents(page);
    await otherRoles(page);
    await theContract(page);
    await programsThatRun(page);
    await aLinkForOthers(page, open);
    await thereAndBack(page);
    const kept = await page.evaluate(() => JSON.stringify(Object.entries(localStorage)));
    assert.ok(!kept.includes(token), "the token outlives no tab");
  },
  { refusals: [400, 401, 403] },
);
