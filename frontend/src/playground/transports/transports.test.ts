import { expect, test } from "vitest";
import { following } from "./following";
import { parts } from "./multipart";
import { serverSentEvents } from "./sse";
import { Cut, type Message, type Open } from "./transport";

/** Cut into pieces of every length, as networks do. */
async function* pieces(text: string, length: number) {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}

const all = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const got: Item[] = [];
  for await (const item of items) got.push(item);
  return got;
};

test("an event stream reads the same wherever the network cuts it", async () => {
  const text =
    ': ping\r\n\r\nid: 7\r\nevent: next\r\ndata: {"a":"b: c"}\r\n\r\n' +
    "event: complete\r\ndata: \r\n\r\n";
  for (let length = 1; length <= text.length; length++) {
    expect(await all(serverSentEvents(pieces(text, length)))).toEqual([
      { event: "next", data: '{"a":"b: c"}' },
      { event: "complete", data: "" },
    ]);
  }
});

test("a response of parts reads the same wherever the network cuts it", async () => {
  const part = (json: string) => `\r\nContent-Type: application/json\r\n\r\n${json}\r\n--graphql`;
  const text = `--graphql${part("{}")}${part('{"payload":{"data":{"a":"--graphql"}}}')}--\r\n`;
  for (let length = 1; length <= text.length; length++) {
    const read = await all(parts(pieces(text, length)));
    expect(read.slice(0, 3)).toEqual([{}, { payload: { data: { a: "--graphql" } } }, undefined]);
  }
});

const event = (position: string): Message => ({ data: { told: { position } } });

test("a stream that is cut goes on behind its last event; what is over stays over", async () => {
  const opened: unknown[] = [];
  const open: Open = async function* ({ variables }) {
    opened.push(variables.after);
    yield event(String(Number(variables.after) + 1));
    if (opened.length < 3) throw new Cut("cut");
  };
  const asked = { query: "subscription($after: Position) { a }", variables: { after: "4" } };
  expect(await all(following(open, asked))).toEqual([event("5"), event("6"), event("7")]);
  expect(opened).toEqual(["4", "5", "6"]);
});

test("an operation that knows no cursor is not given one", async () => {
  const asked = { query: "subscription { a }", variables: {} };
  const open: Open = async function* () {
    yield event("5");
  };
  await all(following(open, asked));
  expect(asked.variables).toEqual({});
});

test("stopping ends a stream that waits for a message", async () => {
  const open: Open = async function* (_, signal) {
    yield event("1");
    await new Promise((_, reject) => signal.addEventListener("abort", reject));
  };
  const messages = following(open, { query: "", variables: {} });
  await messages.next();
  const waiting = messages.next();
  await messages.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
});
