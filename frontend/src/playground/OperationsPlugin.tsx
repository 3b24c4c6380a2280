import { type GraphiQLPlugin, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { type CollectedOperation, collection } from "./collection";
import { filled, readExisting } from "./variables";

const KINDS = [
  ["query", "Queries"],
  ["mutation", "Mutations"],
  ["subscription", "Subscriptions"],
] as const;

function Operations() {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const { addTab, stop } = useGraphiQLActions();

  const open = async ({ name, text, variables }: CollectedOperation) => {
    const needed = Object.keys(variables).length > 0;
    const values = needed ? filled(name, variables, await readExisting()) : undefined;
    // A stream that goes on would answer in the new tab.
    stop();
    addTab();
    queryEditor?.setValue(text);
    variableEditor?.setValue(values ? JSON.stringify(values, null, 2) : "");
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
                    disabled={!queryEditor || !variableEditor}
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

const Icon = () => (
  <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
    <path d="M3 2.5h10v11l-5-3l-5 3z" />
  </svg>
);

export const operationsPlugin: GraphiQLPlugin = {
  title: "Operations",
  icon: Icon,
  content: Operations,
};
