import type { CombinedError } from "@urql/core";

/** Whether the server knows who asks, and that they may not. */
const isForbidden = ({ graphQLErrors }: CombinedError): boolean =>
  graphQLErrors.some(({ extensions }) => extensions?.code === "FORBIDDEN");

/** What went wrong, for people; undefined where nothing did. */
export function problemWords(error: CombinedError | undefined): string | undefined {
  if (!error) return undefined;
  if (isForbidden(error)) return "This needs another role than yours.";
  if (error.graphQLErrors.length > 0) {
    return error.graphQLErrors.map(({ message }) => message).join(" ");
  }
  // Browsers do not say why nothing came back; most often nobody listens.
  return error.networkError instanceof TypeError
    ? "The server does not answer."
    : (error.networkError?.message ?? error.message);
}
