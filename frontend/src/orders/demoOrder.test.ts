import { expect, test } from "vitest";
import { demoOrder, pick, priceOf, titleOf } from "./demoOrder";

test("an order repeats no SKU, even where few are left", () => {
  for (let n = 0; n < 50; n++) {
    const skus = demoOrder("id", ["A", "B"]).lines?.map(({ sku }) => sku) ?? [];
    expect(skus.length).toBeGreaterThan(0);
    expect(new Set(skus).size).toBe(skus.length);
  }
  expect(pick(["A"], 3)).toEqual(["A"]);
});

test("a price has two decimals and belongs to its SKU", () => {
  expect(priceOf("MUG-BLUE")).toMatch(/^\d{1,2}\.\d\d$/);
  expect(priceOf("MUG-BLUE")).toBe(priceOf("MUG-BLUE"));
  expect(titleOf("MUG-BLUE")).toBe("Mug blue");
});
