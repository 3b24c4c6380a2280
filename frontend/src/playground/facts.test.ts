import { expect, test } from "vitest";
import page from "../../../platform/EVENTS.md?raw";
import { readCatalogue, searched } from "./eventCatalogue";
import { costOf, tracesOf } from "./lastRun";
import { belonging, positionsOf } from "./producedEvents";
import { costWords, duration, size } from "./runWords";

test("the catalogue has every event that the page has, with its fields", () => {
  const groups = readCatalogue(page);
  expect(groups.map(({ heading }) => heading)).toContain("Orders");
  const entries = groups.flatMap((group) => group.entries);
  expect(entries.length).toBe(page.match(/^### /gm)?.length);
  const placed = entries.find(({ name }) => name === "OrderPlaced");
  expect(placed?.purpose).toMatch(/agreed/);
  expect(placed?.reactions).toMatch(/^Version 1\. Processes: placement\./);
  expect(placed?.fields[0]).toEqual(["order_number", "text"]);
});

test("events are found by name, meaning or field", () => {
  const found = searched(readCatalogue(page), " GRAND_total ");
  expect(found.flatMap(({ entries }) => entries.map(({ name }) => name))).toContain("OrderPlaced");
  expect(searched(readCatalogue(page), "no such thing")).toEqual([]);
});

test("a cost says what the server says, and nothing else", () => {
  const cost = costOf({ extensions: { cost: { requested: 24, max: 1000 } } });
  expect(cost && costWords(cost)).toBe("cost 24 of 1,000");
  expect(costOf({ data: {} })).toBeUndefined();
});

test("figures are for people", () => {
  expect([duration(12.34), duration(2_345), size(999), size(12_340)]).toEqual([
    "12.3 ms",
    "2.3 s",
    "999 B",
    "12.3 kB",
  ]);
});

test("a request is told by its id, a trace by its own", () => {
  const headers = new Headers({ "x-request-id": "r1", traceresponse: "00-abc-def-01" });
  expect(tracesOf(headers, {})).toEqual({ requestId: "r1", trace: "abc" });
  expect(tracesOf(new Headers(), {})).toEqual({ requestId: undefined, trace: undefined });
});

test("a mutation that was refused, or answered before, produced nothing", () => {
  const data = {
    done: { position: "7", errors: [], replayed: false },
    refused: { position: "8", errors: [{ code: "X" }] },
    replayed: { position: "9", replayed: true },
    silent: { order: null },
  };
  expect(positionsOf(data)).toEqual(["7"]);
});

test("what others did meanwhile is not what a mutation produced", () => {
  const event = (position: string, correlationId: string) => ({
    position,
    correlationId,
    type: "T",
    streamId: "s",
  });
  const log = [event("5", "ours"), event("6", "theirs"), event("7", "ours"), event("8", "ours")];
  expect(belonging(log, ["7"]).map(({ position }) => position)).toEqual(["5", "7", "8"]);
});
