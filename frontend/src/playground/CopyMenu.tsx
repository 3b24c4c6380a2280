import { ToolbarButton, ToolbarMenu, useGraphiQL } from "@graphiql/react";
import { useState } from "react";
import { url } from "../graphql/ask";
import { currentSession } from "../graphql/session";
import { CodeIcon, LinkIcon } from "./icons";
import { shareHash } from "./share";
import { asCurl } from "./snippets/curl";
import { asPython } from "./snippets/python";
import { operationAlone, type Snippet } from "./snippets/snippet";
import { asTypeScript } from "./snippets/typescript";

const COPIED_MS = 1_500;

/** As what an operation leaves the playground; a link has no headers, and none of them a token. */
const FORMS: Record<string, (snippet: Snippet) => string> = {
  curl: asCurl,
  Python: asPython,
  TypeScript: asTypeScript,
};

export function CopyMenu() {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const operationName = useGraphiQL((state) => state.operationName);
  const [copied, setCopied] = useState<string>();
  const query = () => queryEditor?.getValue() ?? "";
  const variables = () => variableEditor?.getValue() ?? "";

  const copy = async (form: string, text: string) => {
    await navigator.clipboard.writeText(text);
    setCopied(form);
    setTimeout(() => setCopied(undefined), COPIED_MS);
  };
  const copyLink = () => {
    history.replaceState(null, "", shareHash({ query: query(), variables: variables() }));
    return copy("link", location.href);
  };
  const snippet = (): Snippet => ({
    url,
    query: operationAlone(query(), operationName),
    variables: parsed(variables()),
    bearer: currentSession().token !== undefined,
  });

  return (
    <>
      <ToolbarButton label="Copy a link to this operation" onClick={copyLink}>
        <LinkIcon done={copied === "link"} />
      </ToolbarButton>
      <ToolbarMenu
        button={
          <ToolbarButton label="Copy as a program">
            <CodeIcon done={copied !== undefined && copied !== "link"} />
          </ToolbarButton>
        }
      >
        {Object.entries(FORMS).map(([form, write]) => (
          <ToolbarMenu.Item key={form} onSelect={() => copy(form, write(snippet()))}>
            {form}
          </ToolbarMenu.Item>
        ))}
      </ToolbarMenu>
      <span role="status" className="orderlog-hidden">
        {copied && `Copied: ${copied}`}
      </span>
    </>
  );
}

/** What is half typed is not JSON yet; the program is still worth having. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}
