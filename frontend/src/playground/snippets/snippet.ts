import { getOperationAST, OperationTypeNode, parse, print, separateOperations } from "graphql";

/** What a snippet has to say. The token itself is in none of them: it is read where they run. */
export interface Snippet {
  url: string;
  query: string;
  variables: unknown;
  /** Whether the server wants to know who asks. */
  bearer: boolean;
}

export const TOKEN_VARIABLE = "ORDERLOG_TOKEN";

/** Whether the answer goes on for ever; what is half typed is a question. */
export function isStream(query: string): boolean {
  try {
    return getOperationAST(parse(query))?.operation === OperationTypeNode.SUBSCRIPTION;
  } catch {
    return false;
  }
}

/** The operation of this name with its fragments, out of a document that has others too. */
export function operationAlone(text: string, name: string | undefined): string {
  try {
    const operations = separateOperations(parse(text));
    const chosen = name === undefined ? undefined : operations[name];
    return chosen && Object.keys(operations).length > 1 ? print(chosen) : text;
  } catch {
    return text;
  }
}
