import { Kind, parse } from "graphql";

export interface CollectedOperation {
  name: string;
  kind: "query" | "mutation" | "subscription";
  /** The comment above the operation says what it is for. */
  purpose: string;
  text: string;
}

const files = import.meta.glob<string>("../../../schema/operations/**/*.graphql", {
  query: "?raw",
  import: "default",
  eager: true,
});

function collected(text: string): CollectedOperation | undefined {
  const operation = parse(text).definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return undefined;
  return {
    name: operation.name?.value ?? "unnamed",
    kind: operation.operation,
    purpose: leadingComment(text),
    text,
  };
}

function leadingComment(text: string): string {
  const lines = text.trimStart().split("\n");
  const end = lines.findIndex((line) => !line.startsWith("#"));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^#\s?/, ""))
    .join(" ")
    .trim();
}

const ORDER = ["query", "mutation", "subscription"];

/** The committed example operations: the same files that the tests run. */
export const collection: CollectedOperation[] = Object.values(files)
  .map(collected)
  .filter((operation) => operation !== undefined)
  .sort(
    (left, right) =>
      ORDER.indexOf(left.kind) - ORDER.indexOf(right.kind) || left.name.localeCompare(right.name),
  );
