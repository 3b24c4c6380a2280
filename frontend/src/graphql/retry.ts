const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8_000;

/** Half of the wait is random: a thousand consoles must not come back in the same millisecond. */
export function jitteredWait(retries: number, random = Math.random): number {
  const longest = Math.min(FIRST_WAIT_MS * 2 ** retries, LONGEST_WAIT_MS);
  return longest / 2 + (random() * longest) / 2;
}

/** Waits, but no longer than until the browser says that the network is back. */
export function waitForRetry(retries: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, jitteredWait(retries));
    addEventListener("online", done);
  });
}
