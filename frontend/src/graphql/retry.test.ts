import { expect, test } from "vitest";
import { jitteredWait } from "./retry";

test("waits double up to eight seconds, and half of each is chance", () => {
  expect(jitteredWait(0, () => 0)).toBe(125);
  expect(jitteredWait(0, () => 1)).toBe(250);
  expect(jitteredWait(3, () => 1)).toBe(2_000);
  expect(jitteredWait(50, () => 1)).toBe(8_000);
});
