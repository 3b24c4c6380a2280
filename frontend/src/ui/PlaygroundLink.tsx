import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { Anchor } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { stringifyDocument } from "@urql/core";
import { useLocation, useSearch } from "wouter";
import { permitted } from "../graphql/permitted";
import { shareHash } from "../playground/share";

/** What a page has asked the API for. */
export interface Asked {
  document: TypedDocumentNode<unknown, never>;
  variables?: object;
}

/** Each page can be asked in one's own words: its query, in the playground, with the way back. */
export function PlaygroundLink({ document, variables }: Asked) {
  const [path] = useLocation();
  const search = useSearch();
  const hash = shareHash({
    query: stringifyDocument(permitted(document)),
    variables: variables && JSON.stringify(variables, null, 2),
    from: search ? `${path}?${search}` : path,
  });
  const href = `/playground${hash}`;
  useHotkeys([["mod+'", () => location.assign(href)]]);
  return (
    <Anchor href={href} size="sm">
      Open in playground
    </Anchor>
  );
}
