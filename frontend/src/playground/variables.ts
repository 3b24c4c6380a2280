import { Kind, type OperationDefinitionNode } from "graphql";
import type { Existing } from "./existing";

type Variables = Record<string, unknown>;

/** Guards of a command: right for a program that knows what it has seen, in the way of a first try. */
const GUARDS = ["expectedVersion", "expectedTotal", "idempotencyKey"];

/** The variables that must be given, as the comment of the operation shows them, else empty. */
export function requiredVariables(
  { variableDefinitions = [] }: OperationDefinitionNode,
  text: string,
): Variables {
  const input = exampleInput(text);
  const required = variableDefinitions
    .filter(({ type, defaultValue }) => type.kind === Kind.NON_NULL_TYPE && !defaultValue)
    .map(({ variable: { name } }) => [name.value, name.value === "input" ? input : ""]);
  return Object.fromEntries(required);
}

/** `# input: {…}`, over as many lines of comment as it takes. */
function exampleInput(text: string): Variables {
  const comment = text.match(/^#.*$/gm)?.join("\n").replaceAll(/^# ?/gm, "") ?? "";
  const example = /^input: (\{[\s\S]*\})/m.exec(comment)?.[1];
  if (!example) return {};
  const given = Object.entries(JSON.parse(example) as Variables);
  return Object.fromEntries(given.filter(([name]) => !GUARDS.includes(name)));
}

/** The same with things that exist, so that most operations run as they stand. */
export function filled(operation: string, variables: Variables, existing: Existing): Variables {
  const { order, draft, item, customerId, paymentId } = existing;
  const known: Variables = {
    id: operation === "Customer" ? customerId : order?.id,
    orderId: operation === "PlaceOrder" ? draft?.id : order?.id,
    processId: order?.process?.id,
    paymentId,
    customerId,
    sku: item?.sku,
    warehouseId: item?.warehouseId,
    period: "MONTH",
    format: "CSV",
  };
  const fill = (given: Variables): Variables =>
    Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        name === "input" ? fill(value as Variables) : (known[name] ?? value),
      ]),
    );
  // With its history first, a stream of one order has something to show at once.
  return { ...fill(variables), ...(operation === "OrderEvents" && { after: "0" }) };
}
