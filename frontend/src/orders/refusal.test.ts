import { CombinedError } from "@urql/core";
import { expect, test } from "vitest";
import { refusal } from "./refusal";

test("a refusal names message and code; success has none", () => {
  const errors = [{ code: "ORDER_EMPTY", message: "An order without lines cannot be placed." }];
  expect(refusal({ errors })).toBe("An order without lines cannot be placed. (ORDER_EMPTY)");
  expect(refusal({ errors: [] })).toBeUndefined();
});

test("a server that is away is said in words, not as a failed fetch", () => {
  const error = new CombinedError({ networkError: new TypeError("Failed to fetch") });
  expect(refusal({ error })).toBe("The server does not answer.");
});
