import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import type { DirectiveNode, DocumentNode, SelectionNode, SelectionSetNode } from "graphql";
import { may } from "./may";

const isMark = ({ name }: DirectiveNode): boolean => name.value === "personal";

/**
 * The document as this bearer may send it: fields marked `@personal` are left out for roles that
 * may not see them, since one such field would have the whole operation refused. No server knows
 * the mark, so it never leaves the page.
 */
export function permitted<Result, Variables>(
  document: TypedDocumentNode<Result, Variables>,
  personal = may("Order.customerName"),
): TypedDocumentNode<Result, Variables> {
  const known = cleaned[personal ? "all" : "some"];
  const before = known.get(document);
  if (before) return before as TypedDocumentNode<Result, Variables>;
  const definitions = document.definitions.map((definition) => clean(definition, personal));
  const after: DocumentNode = { kind: document.kind, definitions };
  known.set(document, after);
  return after as TypedDocumentNode<Result, Variables>;
}

/** Printed texts are remembered by the identity of their document, so that has to stay. */
const cleaned = {
  all: new WeakMap<DocumentNode, DocumentNode>(),
  some: new WeakMap<DocumentNode, DocumentNode>(),
};

function clean<Node extends object>(node: Node, personal: boolean): Node {
  const { selectionSet } = node as { selectionSet?: SelectionSetNode };
  if (!selectionSet) return node;
  const selections = selectionSet.selections
    .filter(({ directives }) => personal || !directives?.some(isMark))
    .map((selection) => clean(unmarked(selection), personal));
  return { ...node, selectionSet: { ...selectionSet, selections } };
}

const unmarked = (selection: SelectionNode): SelectionNode => ({
  ...selection,
  directives: (selection.directives ?? []).filter((directive) => !isMark(directive)),
});
