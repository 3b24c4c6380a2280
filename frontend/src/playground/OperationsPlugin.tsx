import type { GraphiQLPlugin } from "@graphiql/react";
import { type CollectedOperation, collection } from "./collection";
import { readExisting } from "./existing";
import { OperationsIcon } from "./icons";
import { useOpen } from "./useOpen";
import { filled } from "./variables";

const KINDS = [
  ["query", "Queries"],
  ["mutation", "Mutations"],
  ["subscription", "Subscriptions"],
] as const;

function Operations() {
  const openTab = useOpen();
  const open = async ({ name, text, variables }: CollectedOperation) => {
    const needed = Object.keys(variables).length > 0;
    const values = needed ? filled(name, variables, await readExisting()) : undefined;
    openTab?.(text, values && JSON.stringify(values, null, 2));
  };

  return (
    <div className="orderlog-plugin">
      <h2>Operations</h2>
      {KINDS.map(([kind, heading]) => (
        <section key={kind} data-kind={kind}>
          <h3>{heading}</h3>
          <ul>
            {collection
              .filter((operation) => operation.kind === kind)
              .map((operation) => (
                <li key={operation.name}>
                  <button
                    type="button"
                    data-operation={operation.name}
                    disabled={!openTab}
                    onClick={() => open(operation)}
                  >
                    <strong>{operation.name}</strong>
                    {operation.purpose && <small>{operation.purpose}</small>}
                  </button>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

export const operationsPlugin: GraphiQLPlugin = {
  title: "Operations",
  icon: OperationsIcon,
  content: Operations,
};
