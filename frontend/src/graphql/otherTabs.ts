/** A link that is opened in a new tab finds nothing in that tab's storage: the others are asked. */
const channel = new BroadcastChannel("orderlog:session");
const PATIENCE_MS = 300;

type Said = { ask: true } | { token: string };

export function askOtherTabs(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const answered = (token?: string) => {
      clearTimeout(timer);
      channel.removeEventListener("message", hear);
      resolve(token);
    };
    const hear = ({ data }: MessageEvent<Said>) => {
      if ("token" in data) answered(data.token);
    };
    const timer = setTimeout(answered, PATIENCE_MS);
    channel.addEventListener("message", hear);
    channel.postMessage({ ask: true } satisfies Said);
  });
}

export function answerOtherTabs(token: () => string | undefined): void {
  channel.addEventListener("message", ({ data }: MessageEvent<Said>) => {
    const mine = token();
    if ("ask" in data && mine) channel.postMessage({ token: mine } satisfies Said);
  });
}
