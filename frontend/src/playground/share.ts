/** What a link carries: never headers, they may hold a token. */
export interface Shared {
  query: string;
  variables?: string | undefined;
  /** The page of the console from which somebody came. */
  from?: string | undefined;
}

/** The hash never reaches the server. */
export function shareHash({ query, variables, from }: Shared): string {
  const operation = JSON.stringify({ query, variables });
  const hash = new URLSearchParams({ operation, ...(from && { from }) });
  return `#${hash}`;
}

/** Anything that is not ours, or damaged, is nothing. */
export function readShareHash(hash: string): Shared | undefined {
  const given = new URLSearchParams(hash.slice(1));
  try {
    const shared: unknown = JSON.parse(given.get("operation") ?? "null");
    return isShared(shared) ? { ...shared, from: ownPath(given.get("from")) } : undefined;
  } catch {
    return undefined;
  }
}

/** A path of this console; `//elsewhere` or `javascript:` would lead out of it. */
const ownPath = (path: string | null): string | undefined =>
  path !== null && /^\/(?![/\\])/.test(path) ? path : undefined;

function isShared(value: unknown): value is Shared {
  if (typeof value !== "object" || value === null || !("query" in value)) return false;
  const { query, variables } = value as Record<string, unknown>;
  return typeof query === "string" && ["string", "undefined"].includes(typeof variables);
}
