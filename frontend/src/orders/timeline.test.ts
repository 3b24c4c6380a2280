import { expect, test } from "vitest";
import { addEvents, byDay, runs } from "./timeline";

const at = (position: string) => ({ position });
const positions = (events: { position: string }[]) => events.map((event) => event.position);

test("events stand newest first, each once, whatever is delivered again", () => {
  const first = addEvents([], [at("9"), at("10")]);
  const again = addEvents(first, [at("9"), at("10"), at("11")]);
  expect(positions(again)).toEqual(["11", "10", "9"]);
});

test("days have headings, and events of one day stay together", () => {
  const noon = new Date(2026, 10, 23, 12).getTime();
  const hoursAgo = (hours: number) => ({
    occurredAt: new Date(noon - hours * 3.6e6).toISOString(),
  });
  const days = byDay([hoursAgo(1), hoursAgo(2), hoursAgo(20)], noon);
  expect(days.map((day) => [day.heading, day.events.length])).toEqual([
    ["Today", 2],
    ["Yesterday", 1],
  ]);
});

test("minor events fold into runs, and leave all others in sight", () => {
  const isMinor = (name: string) => name === name.toLowerCase();
  expect(runs(["a", "b", "C", "D", "e", "F", "g", "h", "i"], isMinor)).toEqual([
    ["a", "b"],
    ["C"],
    ["D"],
    ["e"],
    ["F"],
    ["g", "h", "i"],
  ]);
});
