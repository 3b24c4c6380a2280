import { expect, test } from "vitest";
import { readClaims, roleWords } from "./claims";

const token = (claims: object) => {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  const part = btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
  return `e30.${part.replaceAll("=", "")}.c2lnbmF0dXJl`;
};

test("a token says whose it is, and until when", () => {
  const claims = readClaims(
    token({ sub: "zoë", roles: ["support", "finance"], exp: 1_800_000_000 }),
  );
  expect(claims).toMatchObject({ subject: "zoë", expiresAt: 1_800_000_000_000 });
  expect(claims && roleWords(claims)).toBe("support, finance");
});

test("one without roles is told by its kind, and need not end", () => {
  const claims = readClaims(token({ sub: "c-1", kind: "customer" }));
  expect(claims && roleWords(claims)).toBe("customer");
  expect(claims?.expiresAt).toBeUndefined();
});

test("what is no token says nothing", () => {
  for (const text of ["", "opaque", "a.b.c", "e30.e30"]) {
    const claims = readClaims(text);
    expect(claims?.subject ?? "").toBe("");
  }
});
