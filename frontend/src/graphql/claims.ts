/** What a token says of its bearer. The server alone checks whether it is true. */
export interface Claims {
  subject: string;
  kind: string;
  roles: readonly string[];
  /** The channels that it reads; the first is the one that it writes to. */
  channels: readonly string[];
  /** Milliseconds since 1970; undefined for never. */
  expiresAt: number | undefined;
}

/** Reads the middle part of a JWT (RFC 7519); undefined for anything else. */
export function readClaims(token: string): Claims | undefined {
  try {
    const claims: Record<string, unknown> = JSON.parse(decoded(token.split(".")[1] ?? ""));
    return {
      subject: String(claims.sub ?? ""),
      kind: String(claims.kind ?? "staff"),
      roles: names(claims.roles),
      channels: names(claims.channels),
      expiresAt: typeof claims.exp === "number" ? claims.exp * 1_000 : undefined,
    };
  } catch {
    return undefined;
  }
}

const names = (claim: unknown): string[] => (Array.isArray(claim) ? claim.map(String) : []);

/** Base64url, without padding, of UTF-8. */
function decoded(part: string): string {
  const bytes = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}

/** "admin", or "customer" for whom no role is needed. */
export const roleWords = ({ roles, kind }: Claims): string => roles.join(", ") || kind;
