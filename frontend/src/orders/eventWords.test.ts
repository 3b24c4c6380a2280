import { expect, test } from "vitest";
import { eventDetail, eventLook, isMinor } from "./eventWords";

test("an event without words of its own is its name in words", () => {
  expect(eventLook("OrderPlaced")[0]).toBe("Placed");
  expect(eventLook("CaptureRequested")).toEqual(["Capture requested", "card", "quiet"]);
});

test("a failure is never folded away, steps of the machinery are", () => {
  expect(["StepFailed", "CaptureFailed", "ProcessStuck"].some((type) => isMinor({ type }))).toBe(
    false,
  );
  expect(["StepSucceeded", "OrderLineAdded"].every((type) => isMinor({ type }))).toBe(true);
});

test("the detail says which and why, in words", () => {
  expect(eventDetail({ step: "commit-stock", code: "INSUFFICIENT_STOCK" })).toBe(
    "commit stock · insufficient stock",
  );
  expect(eventDetail({ title: "RED MUG", quantity: 2, sku: "MUG" })).toBe("RED MUG × 2");
  expect(eventDetail({ reason: "The basket was abandoned." })).toBe("The basket was abandoned.");
  expect(eventDetail({ quantity: 3 })).toBeUndefined();
  expect(eventDetail(null)).toBeUndefined();
});
