import { createGraphiQLFetcher, type Fetcher, type FetcherParams } from "@graphiql/toolkit";
import { getOperationAST, OperationTypeNode, parse } from "graphql";
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

const isStream = (answer: unknown): answer is AsyncIterable<never> =>
  typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer;

async function* logged<Message>(messages: AsyncIterable<Message>, params: FetcherParams) {
  for await (const message of messages) {
    subscriptionLog.record(message);
    moveCursor(params, message);
    yield message;
  }
}

/** A socket that was cut subscribes again with the same variables, so `after` has to move along. */
function moveCursor({ variables }: FetcherParams, message: unknown): void {
  const position = positionOf(message);
  if (position && variables && "after" in variables) variables.after = position;
}

function positionOf(message: unknown): string | undefined {
  const { data } = message as { data?: Record<string, { position?: string } | null> };
  return Object.values(data ?? {})[0]?.position;
}
