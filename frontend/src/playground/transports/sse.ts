import { isOfType, post, textOf } from "./post";
import { Cut, type Open } from "./transport";

const TYPE = "text/event-stream";

interface ServerSentEvent {
  event: string;
  data: string;
}

/** Reads events however the network has cut the text; comments keep a connection alive, no more. */
export async function* serverSentEvents(
  chunks: AsyncIterable<string>,
): AsyncGenerator<ServerSentEvent> {
  let text = "";
  for await (const chunk of chunks) {
    const blocks = (text + chunk).split(/\r\n\r\n|\n\n/);
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = readEvent(block);
      if (event) yield event;
    }
  }
}

function readEvent(block: string): ServerSentEvent | undefined {
  const fields = new Map(
    block.split(/\r?\n/).map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()] as const;
    }),
  );
  const event = fields.get("event");
  return event === undefined ? undefined : { event, data: fields.get("data") ?? "" };
}

/** A subscription as an event stream over HTTP, one for each operation (GraphQL over SSE, distinct connections). */
export const overSse: Open = async function* (asked, signal) {
  const response = await post(asked, TYPE, signal);
  if (!isOfType(response, TYPE)) return yield await response.json();
  for await (const { event, data } of serverSentEvents(textOf(response))) {
    if (event === "complete") return;
    if (event === "next") yield JSON.parse(data);
  }
  throw new Cut("The event stream was cut.");
};
