// What every story shares: a server that runs already, the system's Chromium, and eyes for what
// must never happen. ORDERLOG_URL names the server, CHROMIUM the browser; ORDERLOG_TOKEN is for
// servers that want to know who asks.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

export const base = new URL(process.env.ORDERLOG_URL ?? "http://127.0.0.1:8000").origin;
export const token = process.env.ORDERLOG_TOKEN;

const LAUNCH = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

/**
 * Runs one story; any failure, and any forbidden sight on any page, ends it with a message.
 *
 * `refusals`: statuses that the story brings about; a browser reports each as an error.
 */
export async function story(name, tell, { refusals = [] } = {}) {
  const browser = await chromium.launch(LAUNCH);
  const sights = [];
  try {
    await tell(() => visitor(browser, sights, refusals));
    assert.deepEqual(sights, [], "no external request, no console error, no exception");
    console.log(`ok ${name}`);
  } catch (cause) {
    console.error(`not ok ${name}\n${cause.stack}\n${sights.join("\n")}`);
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

/** Someone with a browser of their own; their socket can be cut without anybody else's. */
async function visitor(browser, sights, refusals) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(30_000);
  watch(context, sights, refusals);
  return {
    context,
    socket: await breakableSocket(context),
    open: async (path) => {
      const page = await context.newPage();
      await page.goto(base + path);
      return page;
    },
  };
}

/** Collects what no page of the product may do. */
function watch(context, sights, refusals) {
  context.on("request", (request) => {
    const url = new URL(request.url());
    const local = ["data:", "blob:"].includes(url.protocol);
    if (!local && url.origin !== base) sights.push(`external request: ${url.href}`);
  });
  context.on("console", (message) => {
    if (message.type() === "error" && !expected(message, refusals)) {
      sights.push(`console error on ${message.page()?.url()}: ${message.text()}`);
    }
  });
  context.on("weberror", (error) => sights.push(`exception: ${error.error().stack}`));
}

/** A browser reports each refused socket by itself; the stories cut sockets on purpose. */
const expected = (message, refusals) =>
  message.text().startsWith("WebSocket connection to") ||
  refusals.some((status) => message.text().includes(`with a status of ${status}`));

/** Stands between pages and the server: `cut` ends their sockets and refuses new ones until `mend`. */
async function breakableSocket(context) {
  const sockets = new Set();
  let broken = false;
  await context.routeWebSocket(/\/graphql$/, (socket) => {
    if (broken) return socket.close({ code: 1013, reason: "cut" });
    const server = socket.connectToServer();
    sockets.add({ socket, server });
  });
  return {
    cut: async () => {
      broken = true;
      for (const { socket, server } of sockets) {
        await socket.close({ code: 1013, reason: "cut" });
        await server.close({ code: 1000, reason: "cut" });
      }
      sockets.clear();
    },
    mend: () => {
      broken = false;
    },
  };
}

/** One request over plain HTTP: what the server itself says, to compare the page with. */
export async function ask(query, variables = {}) {
  const answer = await fetch(`${base}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

/** Asks until the answer satisfies; the last refusal says what was still missing. */
export async function eventually(check, what, milliseconds = 30_000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const missing = await check().then(
      (answer) => (answer === false ? what : undefined),
      (cause) => cause,
    );
    if (missing === undefined) return;
    if (Date.now() > end) throw missing instanceof Error ? missing : new Error(`never: ${missing}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export const connectionIs = (page, words) =>
  page.getByRole("status").filter({ hasText: words }).waitFor();

/** Zero violations that hinder someone: serious or critical by axe's own scale; of a page, or a part. */
export async function assertAccessible(page, part = {}) {
  const path = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  await page.evaluate(await readFile(path, "utf8"));
  const { violations } = await page.evaluate(
    (one) => globalThis.axe.run({ include: ["html"], ...one }),
    part,
  );
  const serious = violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
  assert.deepEqual(serious, [], `accessible: ${page.url()}`);
}
