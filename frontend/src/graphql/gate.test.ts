import { expect, test } from "vitest";
import { createGate } from "./gate";

function recordingGate(heldMax?: number) {
  const delivered: [number[], boolean][] = [];
  const gate = createGate<number>((items, complete) => delivered.push([items, complete]), heldMax);
  return { gate, delivered };
}

test("an open gate lets each batch through", () => {
  const { gate, delivered } = recordingGate();
  gate.push([1]);
  gate.push([2, 3]);
  expect(delivered).toEqual([
    [[1], true],
    [[2, 3], true],
  ]);
});

test("a paused gate keeps receiving, and resumes in order without a gap", () => {
  const { gate, delivered } = recordingGate();
  gate.pause();
  gate.push([1, 2]);
  gate.push([3]);
  expect(gate.held()).toBe(3);
  expect(delivered).toEqual([]);
  gate.resume();
  expect(delivered).toEqual([[[1, 2, 3], true]]);
  expect(gate.held()).toBe(0);
});

test("resuming with nothing held delivers nothing", () => {
  const { gate, delivered } = recordingGate();
  gate.pause();
  gate.resume();
  expect(delivered).toEqual([]);
});

test("a full gate says that the oldest are gone, once", () => {
  const { gate, delivered } = recordingGate(2);
  gate.pause();
  gate.push([1, 2, 3]);
  gate.resume();
  gate.push([4]);
  expect(delivered).toEqual([
    [[2, 3], false],
    [[4], true],
  ]);
});
