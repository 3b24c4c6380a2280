import type { CombinedError } from "@urql/core";

/** What went wrong, for people; undefined where nothing did. */
export function problemWords(error: CombinedError | undefined): string | undefined {
  if (!error) return undefined;
  if (error.graphQLErrors.length > 0) {
    return error.graphQLErrors.map(({ message }) => message).join(" ");
  }
  // Browsers do not say why nothing came back; most often nobody listens.
  return error.networkError instanceof TypeError
    ? "The server does not answer."
    : (error.networkError?.message ?? error.message);
}
