import { waitForRetry } from "./retry";
import { authorization, currentSession, onSession, refuse, untilEntered } from "./session";

const FORBIDDEN = 4403;

/** What every socket of ours does about who asks. */
export const sessionOptions = {
  connectionParams: authorization,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
  retryWait: (retries: number) =>
    currentSession().refused ? untilEntered() : waitForRetry(retries),
};

/** A server that closes with this code wants another token. */
export function refuseIfForbidden(closed: unknown): void {
  const { code } = closed as { code?: number };
  if (code === FORBIDDEN) void refuse(currentSession().token);
}

/** A socket bears the token that it was opened with. */
export function reopenWithToken({ terminate }: { terminate: () => void }): void {
  let { token } = currentSession();
  onSession(() => {
    if (currentSession().token === token) return;
    token = currentSession().token;
    terminate();
  });
}
