import { expect, test } from "vitest";
import { collected, collection, firstOperation } from "./collection";
import { readShareHash, shareHash } from "./share";
import { asNdjson, KEPT_MAX, record } from "./subscriptionLog";
import { filled } from "./variables";

const empty = { kept: [], received: 0, paused: false, cursor: undefined };

test("a shared link brings the operation back as it was", () => {
  const shared = { query: "query { orders # 100 % }", variables: '{"a": "ü"}' };
  expect(readShareHash(shareHash(shared))).toEqual(shared);
});

test("a link leads back to the page it came from, and nowhere else", () => {
  const back = (from: string) => readShareHash(shareHash({ query: "{ head }", from }))?.from;
  expect(back("/orders/1?status=draft")).toBe("/orders/1?status=draft");
  for (const elsewhere of ["//evil.example", "/\\evil.example", "javascript:alert(1)"])
    expect(back(elsewhere)).toBeUndefined();
});

test("a damaged link is no operation, and no crash", () => {
  expect(readShareHash("#operation=%7Bbroken")).toBeUndefined();
  expect(readShareHash("#operation=%22text%22")).toBeUndefined();
  expect(readShareHash("#elsewhere")).toBeUndefined();
});

test("the log stands newest first and is saved oldest first", () => {
  const log = record(record(empty, "first", "t1"), "second", "t2");
  expect(log.kept.map((received) => received.message)).toEqual(["second", "first"]);
  expect(
    asNdjson(log)
      .split("\n")
      .map((line) => line && JSON.parse(line).message),
  ).toEqual(["first", "second", ""]);
});

test("the log knows where a stream goes on, paused or not", () => {
  const log = record({ ...empty, paused: true }, "unseen", "t", "41");
  expect(log.cursor).toBe("41");
  expect(record(log, "an error has no position", "t").cursor).toBe("41");
});

test("a paused log counts on and shows nothing new", () => {
  const log = record({ ...empty, paused: true }, "unseen", "t");
  expect([log.received, log.kept.length]).toEqual([1, 0]);
});

test("only the newest are kept", () => {
  let log = empty as ReturnType<typeof record>;
  for (let n = 0; n <= KEPT_MAX; n++) log = record(log, n, "t");
  expect([log.kept.length, log.kept[0]?.message, log.received]).toEqual([500, 500, 501]);
});

test("an operation of the collection says what it is for and what it needs", () => {
  const operation = collected(
    '# Adds a note.\n# input: { "orderId": "…", "expectedVersion": 6,\n#   "text": "Hi" }\n' +
      "mutation Note($input: NoteInput!, $first: Int) { a }",
  );
  expect(operation).toMatchObject({ name: "Note", kind: "mutation", purpose: "Adds a note." });
  expect(operation?.variables).toEqual({ input: { orderId: "…", text: "Hi" } });
});

test("what a first visit finds in the editor needs no variables", () => {
  expect(firstOperation).toMatchObject({ kind: "query", variables: {} });
});

test("variables speak of what exists, and stay as they are where nothing does", () => {
  const order = { id: "o", process: null };
  const existing = { order, customerId: "c", draft: { id: "d" } };
  expect(filled("Order", { id: "" }, existing)).toEqual({ id: "o" });
  expect(filled("Customer", { id: "" }, existing)).toEqual({ id: "c" });
  expect(filled("PlaceOrder", { input: { orderId: "…" } }, existing)).toEqual({
    input: { orderId: "d" },
  });
  expect(filled("Order", { id: "" }, {})).toEqual({ id: "" });
});

test("each operation of the collection gives its input as an example", () => {
  const inputs = collection.map(({ variables }) => variables.input).filter(Boolean);
  expect(inputs.length).toBeGreaterThan(3);
  for (const input of inputs) expect(Object.keys(input as object)).not.toHaveLength(0);
});
