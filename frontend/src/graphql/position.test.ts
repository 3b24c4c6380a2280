import { expect, test } from "vitest";
import { comparePositions, laterPosition } from "./position";

test("positions compare as numbers, also beyond 53 bits", () => {
  expect(comparePositions("9", "10")).toBeLessThan(0);
  expect(comparePositions("9007199254740993", "9007199254740992")).toBeGreaterThan(0);
  expect(comparePositions("7", "7")).toBe(0);
  expect(laterPosition("99", "100")).toBe("100");
});
