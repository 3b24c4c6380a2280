import { Kind, type OperationDefinitionNode, parse } from "graphql";

export interface CollectedOperation {
  name: string;
  kind: "query" | "mutation" | "subscription";
  /** The first comment says what it is for; those behind it speak of variables. */
  purpose: string;
  text: string;
  /** The variables that must be given, as JSON to be filled in; empty where there are none. */
  variables: string;
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
    variables: requiredVariables(operation),
  };
}

function requiredVariables({ variableDefinitions = [] }: OperationDefinitionNode): string {
  const required = variableDefinitions
    .filter(({ type, defaultValue }) => type.kind === Kind.NON_NULL_TYPE && !defaultValue)
    .map(({ variable }) => [variable.name.value, variable.name.value === "input" ? {} : ""]);
  return required.length === 0 ? "" : JSON.stringify(Object.fromEntries(required), null, 2);
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
