import { isOfType, post, textOf } from "./post";
import { Cut, type Message, type Open } from "./transport";

const TYPE = "multipart/mixed";
const BOUNDARY = "graphql";

/** `payload` is missing in a heartbeat; `errors` beside it say that the stream itself has failed. */
interface Part {
  payload?: Message | null;
  errors?: Message["errors"];
}

/** Reads the JSON of each part however the network has cut the text; undefined is the end of all. */
export async function* parts(
  chunks: AsyncIterable<string>,
  boundary = BOUNDARY,
): AsyncGenerator<Part | undefined> {
  const delimiter = `\r\n--${boundary}`;
  // The first delimiter need not stand on a new line.
  let text = "\r\n";
  for await (const chunk of chunks) {
    const read = (text + chunk).split(delimiter);
    text = read.pop() ?? "";
    for (const part of read) {
      const body = part.slice(part.indexOf("\r\n\r\n"));
      if (body.trim()) yield JSON.parse(body);
    }
    if (text.startsWith("--")) yield undefined;
  }
}

/** A subscription as a response of many parts, as Apollo's clients and routers know it. */
export const overMultipart: Open = async function* (asked, signal) {
  const accept = `${TYPE};boundary=${BOUNDARY};subscriptionSpec=1.0`;
  const response = await post(asked, accept, signal);
  if (!isOfType(response, TYPE)) return yield await response.json();
  for await (const part of parts(textOf(response))) {
    if (!part) return;
    if (part.payload) yield part.payload;
    if (part.errors) return yield { errors: part.errors };
  }
  throw new Cut("The response was cut.");
};
