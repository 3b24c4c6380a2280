import { Kind, parse } from "graphql";
import { requiredVariables } from "./variables";

export interface CollectedOperation {
  name: string;
  kind: "query" | "mutation" | "subscription";
  /** The first comment says what it is for; those behind it speak of variables. */
  purpose: string;
  text: string;
  /** The variables that must be given, to be filled in; empty where there are none. */
  variables: Record<string, unknown>;
}

const files = import.meta.glob<string>("../../../schema/operations/**/*.graphql", {
  query: "?raw",
  import: "default",
  eager: true,
});

export function collected(text: string): CollectedOperation | undefined {
  const operation = parse(text).definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return undefined;
  return {
    name: operation.name?.value ?? "unnamed",
    kind: operation.operation,
    purpose: /^#\s*(.*)/.exec(text.trimStart())?.[1] ?? "",
    text,
    variables: requiredVariables(operation, text),
  };
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

/** What a first visit finds in the editor: it runs as it stands. */
export const firstOperation = collection.find(({ name }) => name === "Orders");
