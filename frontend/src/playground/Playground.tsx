import { ToolbarButton, useGraphiQL } from "@graphiql/react";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { useState } from "react";
import { firstOperation } from "./collection";
import { asCurl } from "./curl";
import { fetcher, url } from "./fetcher";
import { operationsPlugin } from "./OperationsPlugin";
import { subscriptionLogPlugin } from "./SubscriptionLogPlugin";
import { readShareHash, shareHash } from "./share";

const shared = readShareHash(location.hash);

// A list of plugins replaces GraphiQL's own, so history has to be named as well.
const plugins = [operationsPlugin, subscriptionLogPlugin, HISTORY_PLUGIN];

export const Playground = () => (
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    visiblePlugin={operationsPlugin}
    {...(shared && { initialQuery: shared.query, initialVariables: shared.variables ?? "" })}
    {...(firstOperation && { defaultQuery: firstOperation.text })}
    defaultEditorToolsVisibility="variables"
    shouldPersistHeaders={false}
  >
    <GraphiQL.Logo>
      <a href="/" className="orderlog-logo">
        ← orderlog
      </a>
    </GraphiQL.Logo>
    <GraphiQL.Toolbar>
      {({ prettify, copy }) => (
        <>
          {prettify}
          {copy}
          <CopyButtons />
        </>
      )}
    </GraphiQL.Toolbar>
  </GraphiQL>
);

function CopyButtons() {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const query = () => queryEditor?.getValue() ?? "";
  const variables = () => variableEditor?.getValue() ?? "";

  const link = () => {
    history.replaceState(null, "", shareHash({ query: query(), variables: variables() }));
    return location.href;
  };
  return (
    <>
      <CopyText label="Copy a link to this operation" glyph="link" text={link} />
      <CopyText
        label="Copy as curl"
        glyph="curl"
        text={() => asCurl(url, query(), parsed(variables()))}
      />
    </>
  );
}

/** What is half typed is not JSON yet; the command is still worth having. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}

function CopyText({ label, glyph, text }: { label: string; glyph: string; text: () => string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text());
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <ToolbarButton label={label} onClick={copy}>
      <span className="orderlog-tool">{copied ? "✓" : glyph}</span>
    </ToolbarButton>
  );
}
