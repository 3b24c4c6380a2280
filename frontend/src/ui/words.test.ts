import { expect, test } from "vitest";
import { capitalized, codeWords, counted, countryName } from "./words";

test("a code becomes words, and what somebody wrote stays", () => {
  expect(codeWords("INSUFFICIENT_STOCK")).toBe("insufficient stock");
  expect(codeWords("commit-stock")).toBe("commit stock");
  expect(codeWords("The basket was abandoned.")).toBe("The basket was abandoned.");
  expect(capitalized(codeWords("COMMIT_STOCK"))).toBe("Commit stock");
});

test("countries have names, unknown ones keep their code", () => {
  expect(countryName("NL")).toBe("Netherlands");
  expect(countryName("Unspecified")).toBe("Unspecified");
});

test("one is not many", () => {
  expect([counted(1, "event"), counted(20_640, "order")]).toEqual(["1 event", "20,640 orders"]);
});
