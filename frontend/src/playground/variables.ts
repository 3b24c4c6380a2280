import { Kind, type OperationDefinitionNode } from "graphql";
import { url } from "./fetcher";

/** What exists now, for operations that speak of something. */
export interface Existing {
  order?: { id: string; customerId: string | null; process: { id: string } | null };
  draft?: { id: string };
  item?: { sku: string; warehouseId: string };
}

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
  const { order, draft, item } = existing;
  const known: Variables = {
    id: operation === "Customer" ? order?.customerId : order?.id,
    orderId: operation === "PlaceOrder" ? draft?.id : order?.id,
    processId: order?.process?.id,
    sku: item?.sku,
    warehouseId: item?.warehouseId,
    period: "MONTH",
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

const EXISTING = `{
  orders(first: 1, filter: { lifecycle: [CONFIRMED] }) { nodes { id customerId process { id } } }
  drafts: orders(first: 1, filter: { lifecycle: [DRAFT] }) { nodes { id } }
  stockItems(first: 1) { nodes { sku warehouseId } }
}`;

/** Nothing where the server does not answer: the variables are then filled in by hand. */
export async function readExisting(): Promise<Existing> {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: EXISTING }),
    });
    const { data } = await answer.json();
    const { orders, drafts, stockItems } = data;
    return { order: orders.nodes[0], draft: drafts.nodes[0], item: stockItems.nodes[0] };
  } catch {
    return {};
  }
}
