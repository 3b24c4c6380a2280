import { expect, test } from "vitest";
import { dayHeading, periodWords, relativeTime, timeLeft } from "./time";

const noon = new Date(2026, 10, 23, 12, 0, 0).getTime();
const before = (seconds: number) => new Date(noon - seconds * 1000).toISOString();

test("time grows coarser as it passes", () => {
  expect(relativeTime(before(1), noon)).toBe("just now");
  expect(relativeTime(before(12), noon)).toBe("12 s ago");
  expect(relativeTime(before(90), noon)).toBe("1 min ago");
  expect(relativeTime(before(3 * 3600), noon)).toBe("3 h ago");
  expect(relativeTime(before(2 * 86_400), noon)).toBe("2 d ago");
  expect(relativeTime(before(40 * 86_400), noon)).toBe("14 Oct 2026");
});

test("a server clock ahead of ours is still not the future", () => {
  expect(relativeTime(before(-30), noon)).toBe("just now");
});

test("days are named by the calendar, not by 24 hours", () => {
  expect(dayHeading(before(11 * 3600), noon)).toBe("Today");
  expect(dayHeading(before(13 * 3600), noon)).toBe("Yesterday");
  expect(dayHeading(before(3 * 86_400), noon)).toBe("20 Nov 2026");
});

test("a period is the same month everywhere on earth", () => {
  expect([periodWords("2026-11"), periodWords("2026-11-01")]).toEqual(["Nov 2026", "1 Nov 2026"]);
});

test("what is left is never told as more than it is", () => {
  expect(timeLeft(noon + 59 * 60_000 + 59_000, noon)).toBe("59 min left");
  expect(timeLeft(noon + 1_500, noon)).toBe("1 s left");
  expect(timeLeft(noon - 1, noon)).toBe("ended");
});
