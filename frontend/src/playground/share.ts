/** What a link carries: never headers, they may hold a token. */
export interface Shared {
  query: string;
  variables?: string;
}

const PREFIX = "#operation=";

export function shareHash({ query, variables }: Shared): string {
  return PREFIX + encodeURIComponent(JSON.stringify({ query, variables }));
}

/** The hash never reaches the server. Anything that is not ours, or damaged, is nothing. */
export function readShareHash(hash: string): Shared | undefined {
  if (!hash.startsWith(PREFIX)) return undefined;
  try {
    const shared: unknown = JSON.parse(decodeURIComponent(hash.slice(PREFIX.length)));
    return isShared(shared) ? shared : undefined;
  } catch {
    return undefined;
  }
}

function isShared(value: unknown): value is Shared {
  if (typeof value !== "object" || value === null || !("query" in value)) return false;
  const { query, variables } = value as Record<string, unknown>;
  return typeof query === "string" && ["string", "undefined"].includes(typeof variables);
}
