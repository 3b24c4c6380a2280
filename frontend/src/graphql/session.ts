import { type Claims, readClaims } from "./claims";
import { answerOtherTabs, askOtherTabs } from "./otherTabs";
import { createStore } from "./store";

/** Who asks, as far as this page knows. A server that asks nobody who they are needs no token. */
export interface Session {
  token: string | undefined;
  claims: Claims | undefined;
  /** The server wants a token, or another one. */
  refused: boolean;
}

/** Kept for this tab only, and gone with it. */
const KEY = "orderlog:token";

/**
 * Takes `#token=…` out of the address: no bookmark and no screenshot has it, and no way back leads to it.
 *
 * The fragment of an address never reaches a server or its log.
 */
function tokenOfLink(): string | undefined {
  const hash = new URLSearchParams(location.hash.slice(1));
  const token = hash.get("token");
  if (token === null) return undefined;
  hash.delete("token");
  const rest = hash.size > 0 ? `#${hash}` : "";
  history.replaceState(history.state, "", location.pathname + location.search + rest);
  return token;
}

function withToken(token: string | undefined): Session {
  if (token) sessionStorage.setItem(KEY, token);
  else sessionStorage.removeItem(KEY);
  return { token, claims: token ? readClaims(token) : undefined, refused: false };
}

const session = createStore(withToken(tokenOfLink() ?? sessionStorage.getItem(KEY) ?? undefined));

export const currentSession = session.now;
export const useSession = session.use;
export const onSession = session.watch;

/** Goes on with another token: as it is, behind `Bearer`, or in the link that brings it. */
export function enter(pasted: string): void {
  session.change(withToken(pasted.trim().replace(/^(.*[#&]token=|bearer\s+)/i, "")));
}

/** The server has refused this token, or the lack of one; another tab may know better. */
export async function refuse(token: string | undefined): Promise<void> {
  const now = session.now();
  // An answer that comes late speaks of a token that is not in use any more.
  if (now.refused || now.token !== token) return;
  session.change({ refused: true });
  const other = await askOtherTabs();
  if (other && other !== token && session.now().refused) enter(other);
}

/** Resolves when the server may be asked again. */
export function untilEntered(): Promise<void> {
  return new Promise((resolve) => {
    const stop = onSession(() => {
      if (session.now().refused) return;
      stop();
      resolve();
    });
  });
}

/** The same as HTTP headers and as the payload of `connection_init`; empty without a token. */
export function authorization(): Record<string, string> {
  const { token } = session.now();
  return token ? { authorization: `Bearer ${token}` } : {};
}

answerOtherTabs(() => (session.now().refused ? undefined : session.now().token));

// A link that is opened in the tab where the console is already changes nothing but the fragment.
addEventListener("hashchange", () => {
  const token = tokenOfLink();
  if (token) enter(token);
});
