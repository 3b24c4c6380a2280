import { expect, test } from "vitest";
import { asCurl } from "./curl";
import { asPython } from "./python";
import { operationAlone } from "./snippet";
import { asTypeScript } from "./typescript";

const FORMS = [asCurl, asPython, asTypeScript];
const asked = { url: "http://localhost/graphql", variables: {}, bearer: false };

test("quotes in an operation do not end the shell's", () => {
  expect(asCurl({ ...asked, query: '{ a(b: "it\'s") }' })).toContain("it'\\''s");
});

test("quotes and backslashes of an operation survive in Python", () => {
  const program = asPython({ ...asked, query: '{ a(b: """x\\n""") }' });
  expect(program).toContain('{ a(b: \\"\\"\\"x\\\\n\\"\\"\\") }');
});

test("nothing in an operation is a placeholder of TypeScript's", () => {
  const program = asTypeScript({ ...asked, query: "query($a: Int) { b(c: `$" + "{a}`) }" });
  expect(program).toContain("query(\\$a: Int) { b(c: \\`\\$" + "{a}\\`) }");
});

test("a bearer's token is read where the program runs; without one nothing is said of it", () => {
  for (const write of FORMS) {
    expect(write({ ...asked, query: "{ a }", bearer: true })).toContain("ORDERLOG_TOKEN");
    expect(write({ ...asked, query: "{ a }" })).not.toContain("ORDERLOG_TOKEN");
  }
});

test("a subscription comes as a stream", () => {
  for (const write of FORMS) {
    expect(write({ ...asked, query: "subscription { a }" })).toContain("text/event-stream");
    expect(write({ ...asked, query: "{ a }" })).not.toContain("text/event-stream");
  }
});

test("of several operations one is copied, with the fragments that it needs", () => {
  const text = "query A { ...F } query B { b } fragment F on Query { a }";
  expect(operationAlone(text, "A")).toMatch(/query A[\s\S]*fragment F/);
  expect(operationAlone(text, "A")).not.toContain("query B");
  expect(operationAlone("{ half", undefined)).toBe("{ half");
});
