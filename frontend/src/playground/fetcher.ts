import type { Fetcher, FetcherParams } from "@graphiql/toolkit";
import { type ExecutionResult, getOperationAST, OperationTypeNode, parse } from "graphql";
import { type Amend, costOf, startRun, tracesOf } from "./lastRun";
import { readHead, tellProduced } from "./producedEvents";
import { subscriptionLog } from "./subscriptionLog";
import { TRANSPORTS, transportChoice } from "./transports/choice";
import { following, positionOf } from "./transports/following";
import { post } from "./transports/post";
import type { Asked, Message } from "./transports/transport";

const ONE_ANSWER = "application/graphql-response+json, application/json;q=0.9";

/** Runs what the editor holds: a subscription by the transport that is chosen, all else by POST. */
export const fetcher: Fetcher = (params) => {
  const asked = askedOf(params);
  if (params.operationName === "IntrospectionQuery") return answered(asked);
  return kindOf(params) === OperationTypeNode.SUBSCRIPTION ? watched(asked) : told(params, asked);
};

const askedOf = ({ query, variables, operationName }: FetcherParams): Asked => ({
  query,
  variables: { ...(variables as Record<string, unknown> | undefined) },
  operationName,
});

/** What does not parse is for the server to refuse. */
function kindOf({ query, operationName }: FetcherParams): OperationTypeNode | undefined {
  try {
    return getOperationAST(parse(query), operationName)?.operation;
  } catch {
    return undefined;
  }
}

const answered = async (asked: Asked): Promise<ExecutionResult> =>
  (await post(asked, ONE_ANSWER)).json();

/** An answer, with all that is known about it. */
async function told(params: FetcherParams, asked: Asked): Promise<ExecutionResult> {
  const isMutation = kindOf(params) === OperationTypeNode.MUTATION;
  const head = isMutation ? await readHead() : undefined;
  const begun = performance.now();
  const response = await post(asked, ONE_ANSWER);
  const text = await response.text();
  const milliseconds = performance.now() - begun;
  const answer = readAnswer(text, response);
  const amend = startRun({
    by: String(response.status),
    milliseconds,
    bytes: new Blob([text]).size,
    cost: costOf(answer),
    ...tracesOf(response.headers, answer),
  });
  void tellProduced(head, answer.data, (events) => amend(() => ({ events })));
  return answer;
}

/** Something between here and the server may answer in its own words. */
function readAnswer(text: string, { status }: Response): ExecutionResult {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The answer (${status}) is not JSON: ${text.slice(0, 200)}`);
  }
}

/** Every message of a subscription also goes to the log. */
function watched(asked: Asked): AsyncIterableIterator<Message> {
  const { name } = transportChoice.now();
  const begun = performance.now();
  const amend = startRun({ by: name, messages: 0 });
  const messages = following(TRANSPORTS[name], asked);
  return {
    ...messages,
    next: async () => {
      const step = await messages.next();
      if (!step.done) recordMessage(step.value, performance.now() - begun, amend);
      return step;
    },
  };
}

function recordMessage(message: Message, milliseconds: number, amend: Amend): void {
  subscriptionLog.record(message, positionOf(message));
  amend((run) => ({
    milliseconds: run.milliseconds ?? milliseconds,
    messages: (run.messages ?? 0) + 1,
    bytes: run.bytes + new Blob([JSON.stringify(message)]).size,
    cost: costOf(message) ?? run.cost,
  }));
}
