import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";

/** Puts an operation into a new tab; undefined until the editors are there. */
export function useOpen(): ((query: string, variables?: string) => void) | undefined {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const { addTab, stop } = useGraphiQLActions();
  if (!queryEditor || !variableEditor) return undefined;
  return (query, variables = "") => {
    // A stream that goes on would answer in the new tab.
    stop();
    addTab();
    queryEditor.setValue(query);
    variableEditor.setValue(variables);
  };
}
