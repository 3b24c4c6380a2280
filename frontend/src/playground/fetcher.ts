import { createGraphiQLFetcher, type Fetcher, type FetcherParams } from "@graphiql/toolkit";
import { type ExecutionResult, getOperationAST, OperationTypeNode, parse } from "graphql";
import { createClient } from "graphql-ws";
import { subscriptionLog } from "./subscriptionLog";

export const url = new URL("/graphql", location.href).href;

const socket = createClient({
  url: url.replace(/^http/, "ws"),
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
});

const send = createGraphiQLFetcher({ url, wsClient: socket });

/** Every message of a subscription also goes to the log. */
export const fetcher: Fetcher = async (params, options) => {
  const answer = await send(params, options);
  return isSubscription(params) && isStream(answer) ? logged(answer, params) : answer;
};

/** Whoever runs something has seen it parse; a plain query, too, may answer in parts. */
const isSubscription = ({ query, operationName }: FetcherParams): boolean =>
  getOperationAST(parse(query), operationName)?.operation === OperationTypeNode.SUBSCRIPTION;

type Message = ExecutionResult;
type Stream = AsyncIterableIterator<Message>;

const isStream = (answer: unknown): answer is AsyncIterable<Message> =>
  typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer;

/** No generator: one that waits for a message ends with that message, and the stream goes on till then. */
function logged(messages: AsyncIterable<Message>, params: FetcherParams): Stream {
  const source = messages[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const step = await source.next();
      if (!step.done) {
        subscriptionLog.record(step.value);
        moveCursor(params, step.value);
      }
      return step;
    },
    async return() {
      return (await source.return?.()) ?? { done: true, value: undefined };
    },
  };
}

/** A socket that was cut subscribes again with the same variables, so `after` has to move along. */
function moveCursor({ variables }: FetcherParams, message: Message): void {
  const position = positionOf(message);
  if (position && variables && "after" in variables) variables.after = position;
}

function positionOf({ data }: Message): string | undefined {
  const [first] = Object.values((data ?? {}) as Record<string, { position?: string } | null>);
  return first?.position;
}
