import { expect, test } from "vitest";
import type { OrderRow } from "./documents";
import {
  type LiveOrders,
  liveOrders,
  NO_ORDERS,
  type OrderChange,
  type Reading,
} from "./liveOrders";

const order = (id: string, change: Partial<OrderRow> = {}): OrderRow =>
  ({
    id,
    number: id,
    placedAt: `2026-11-23T10:00:0${id}Z`,
    lifecycle: "PENDING",
    position: "1",
    ...change,
  }) as OrderRow;

const change = (position: string, changed: OrderRow): OrderChange => ({ position, order: changed });

const listOf = (...rows: OrderRow[]): LiveOrders =>
  liveOrders(NO_ORDERS, {
    type: "loaded",
    page: { rows, endCursor: "c", hasNextPage: true },
    position: "100",
    loadedAt: Date.parse("2026-11-23T10:00:05Z"),
  });

const atTop: Reading = { newestFirst: true, atTop: true, belongs: () => true };

const arrive = (state: LiveOrders, changes: OrderChange[], reading: Partial<Reading> = {}) =>
  liveOrders(state, { type: "arrived", changes, reading: { ...atTop, ...reading } });

const ids = (state: LiveOrders) => state.rows.map((row) => row.id);

test("a new order appears on top", () => {
  const now = arrive(listOf(order("2"), order("1")), [change("101", order("3"))]);
  expect(ids(now)).toEqual(["3", "2", "1"]);
  expect(now.changed).toEqual({ "3": "101" });
});

test("a changed order keeps its place and flashes for the change", () => {
  const confirmed = order("1", { lifecycle: "CONFIRMED", position: "2" });
  const now = arrive(listOf(order("2"), order("1")), [change("101", confirmed)]);
  expect(now.rows).toEqual([order("2"), confirmed]);
  expect(now.changed).toEqual({ "1": "101" });
});

test("what comes again after a reconnect changes nothing", () => {
  const once = arrive(listOf(order("1")), [change("101", order("2"))]);
  const twice = arrive(once, [change("100", order("9")), change("101", order("2"))]);
  expect(twice).toBe(once);
});

test("positions are compared as numbers", () => {
  const once = arrive(listOf(order("1")), [change("999", order("2"))]);
  expect(ids(arrive(once, [change("1000", order("3"))]))).toEqual(["3", "2", "1"]);
});

test("an older state never overwrites a newer row", () => {
  const newer = order("1", { position: "50" });
  const now = arrive(listOf(newer), [change("101", order("1", { position: "9" }))]);
  expect(now.rows).toEqual([newer]);
});

test("away from the top, new orders wait and are counted once", () => {
  const changes = [
    change("101", order("3")),
    change("102", order("3", { position: "2" })),
    change("103", order("4")),
  ];
  const now = arrive(listOf(order("2")), changes, { atTop: false });
  expect(ids(now)).toEqual(["2"]);
  expect(now.waiting).toEqual(["3", "4"]);
});

test("an order that no longer matches the filter leaves the list", () => {
  const confirmed = order("1", { lifecycle: "CONFIRMED", position: "2" });
  const now = arrive(listOf(order("2"), order("1")), [change("101", confirmed)], {
    belongs: (row) => row.lifecycle === "PENDING",
  });
  expect(ids(now)).toEqual(["2"]);
});

test("a change of an order further down does not bring it to the top", () => {
  const now = arrive(listOf(order("5")), [change("101", order("1", { position: "7" }))]);
  expect(ids(now)).toEqual(["5"]);
  expect(now.position).toBe("101");
});

test("an order whose event comes late still finds its place by time", () => {
  const now = arrive(listOf(order("4"), order("1")), [change("101", order("3"))]);
  expect(ids(now)).toEqual(["4", "3", "1"]);
});

test("sorted otherwise, only orders placed since the list was read are announced", () => {
  const changes = [change("101", order("4")), change("102", order("6"))];
  const now = arrive(listOf(order("1")), changes, { newestFirst: false });
  expect(ids(now)).toEqual(["1"]);
  expect(now.waiting).toEqual(["6"]);
});

test("the next page adds each order once", () => {
  const now = liveOrders(listOf(order("3"), order("2")), {
    type: "more",
    page: { rows: [order("2"), order("1")], endCursor: "d", hasNextPage: false },
  });
  expect(ids(now)).toEqual(["3", "2", "1"]);
  expect(now.hasNextPage).toBe(false);
});
