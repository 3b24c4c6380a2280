import {
  buildSchema,
  type DocumentNode,
  Kind,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { expect, test } from "vitest";
import sdl from "../../../schema/schema.graphql?raw";
import { ALLOWED } from "../gql/allowed";
import * as generated from "../gql/graphql";
import type { Claims } from "./claims";
import { type Field, may } from "./may";
import { permitted } from "./permitted";

const schema = buildSchema(sdl);

/** Every operation of the console, with the fragments that it needs. */
const documents = Object.entries(generated as Record<string, unknown>)
  .filter(([name]) => name.endsWith("Document"))
  .map(([name, document]) => [name, document as DocumentNode] as const);

const bearer = (role: string): Claims => ({
  subject: "s",
  kind: "staff",
  roles: [role],
  channels: [],
  expiresAt: undefined,
});

type Ruled = {
  directives?: readonly { name: { value: string }; arguments?: readonly unknown[] }[];
};

function ruleOf(node: Ruled | null | undefined): string[] | undefined {
  const rule = node?.directives?.find(({ name }) => name.value === "allowed");
  return (
    rule && (JSON.stringify(rule).match(/"value":"([A-Z]+)"/g) ?? []).map((v) => v.slice(9, -1))
  );
}

/** What the schema would refuse of a document; only the root where that is refused already. */
function refusedOf(document: DocumentNode, role: string): string[] {
  const mine = ["EVERYBODY", "STAFF", role.toUpperCase()];
  const info = new TypeInfo(schema);
  const refused: string[] = [];
  visit(
    document,
    visitWithTypeInfo(info, {
      [Kind.FIELD]: () => {
        const [type, field] = [info.getParentType(), info.getFieldDef()];
        const rule = ruleOf(field?.astNode) ?? ruleOf(type?.astNode) ?? [];
        if (rule.some((audience) => mine.includes(audience))) return undefined;
        refused.push(`${type?.name}.${field?.name}`);
        return false;
      },
    }),
  );
  return refused;
}

test("no operation is refused for a field that a page can do without", () => {
  expect(documents.length).toBeGreaterThan(10);
  for (const role of ["viewer", "support", "fulfilment", "finance", "admin"]) {
    const claims = bearer(role);
    for (const [name, document] of documents) {
      const refused = refusedOf(permitted(document, may("Order.customerName", claims)), role);
      const roots = refused.filter((field) => /^(Query|Mutation|Subscription)\./.test(field));
      expect([name, role, refused]).toEqual([name, role, roots]);
      for (const root of roots) expect(may(root as Field, claims)).toBe(false);
    }
  }
});

test("whom nobody asks, and admins, may ask for everything", () => {
  for (const field of Object.keys(ALLOWED) as Field[]) {
    expect([field, may(field, undefined), may(field, bearer("admin"))]).toEqual([
      field,
      true,
      true,
    ]);
  }
});

test("the mark is for this page alone, and what is left out was marked", () => {
  const texts = documents.map(([, document]) => print(document)).join();
  expect(texts).toContain("@personal");
  for (const [, document] of documents) {
    expect(print(permitted(document, true))).not.toContain("@personal");
    expect(print(permitted(document, false))).not.toContain("customerName");
  }
});
