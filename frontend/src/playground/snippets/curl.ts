import { isStream, type Snippet, TOKEN_VARIABLE } from "./snippet";

/** A command line that a POSIX shell reads as one request, whatever quotes the operation has. */
export function asCurl({ url, query, variables, bearer }: Snippet): string {
  const stream = isStream(query);
  return [
    `curl ${stream ? "--no-buffer " : ""}${quoted(url)}`,
    ...(stream ? [`-H 'accept: text/event-stream'`] : []),
    ...(bearer ? [`-H "authorization: Bearer $${TOKEN_VARIABLE}"`] : []),
    `-H 'content-type: application/json'`,
    `--data ${quoted(JSON.stringify({ query, variables }))}`,
  ].join(" \\\n  ");
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
