import { currentSession, onSession } from "./session";

const bearer = (): string => {
  const { token, claims } = currentSession();
  return claims ? JSON.stringify({ ...claims, expiresAt: undefined }) : (token ?? "nobody");
};

/** Somebody else sees other things: nothing of what was read may stay. A longer session is the same. */
export function watchBearer(): void {
  const known = bearer();
  onSession(() => {
    if (bearer() !== known) location.reload();
  });
}
