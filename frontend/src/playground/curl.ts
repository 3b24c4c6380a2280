/** A command line that a POSIX shell reads as one request, whatever quotes the operation has. */
export function asCurl(url: string, query: string, variables: unknown): string {
  const body = JSON.stringify({ query, variables });
  return [
    `curl ${quoted(url)}`,
    `-H 'content-type: application/json'`,
    `--data ${quoted(body)}`,
  ].join(" \\\n  ");
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
