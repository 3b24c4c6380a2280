import { ask, url } from "../../graphql/ask";
import type { Asked } from "./transport";

/** One request by POST, the only method that any operation may come by. */
export const post = (asked: Asked, accept: string, signal?: AbortSignal): Promise<Response> =>
  ask(url, {
    method: "POST",
    headers: { accept, "content-type": "application/json" },
    body: JSON.stringify(asked),
    ...(signal && { signal }),
  });

/** Whether a stream is what came; a request that is refused is answered once, as JSON. */
export const isOfType = (response: Response, type: string): boolean =>
  response.headers.get("content-type")?.startsWith(type) ?? false;

/** What arrives, as it arrives; a character is never cut in two. */
export async function* textOf({ body }: Response): AsyncGenerator<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const step = await reader?.read();
    if (!step || step.done) return;
    yield step.value;
  }
}
