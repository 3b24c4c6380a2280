import type { ExecutionResult } from "graphql";
import { createStore } from "../graphql/store";
import type { ProducedEvent } from "./producedEvents";

/** What is known about the operation that ran last, beside its answer. */
export interface LastRun {
  /** Counts the runs of this page; 0 before the first. */
  number: number;
  /** The status of an answer over HTTP, or the transport of a stream. */
  by: string;
  /** Until the answer was read, or until the first message of a stream. */
  milliseconds: number | undefined;
  bytes: number;
  /** Of a stream. */
  messages: number | undefined;
  cost: Cost | undefined;
  requestId: string | undefined;
  trace: string | undefined;
  /** Undefined where the operation is no mutation, or did not say at which position it ended. */
  events: readonly ProducedEvent[] | undefined;
}

/** What the server says an operation costs (`extensions.cost`); each part may be missing. */
export interface Cost {
  requested?: number | undefined;
  max?: number | undefined;
  remaining?: number | undefined;
}

const NOTHING: LastRun = {
  number: 0,
  by: "",
  milliseconds: undefined,
  bytes: 0,
  messages: undefined,
  cost: undefined,
  requestId: undefined,
  trace: undefined,
  events: undefined,
};

const lastRun = createStore(NOTHING);

export const useLastRun = lastRun.use;

export type Amend = (more: (run: LastRun) => Partial<LastRun>) => void;

/** Begins to tell of a run; what is learnt later is told too, unless another one has begun. */
export function startRun(run: Partial<LastRun>): Amend {
  const number = lastRun.now().number + 1;
  lastRun.change({ ...NOTHING, ...run, number });
  return (more) => {
    if (lastRun.now().number === number) lastRun.change(more(lastRun.now()));
  };
}

export function costOf({ extensions }: ExecutionResult): Cost | undefined {
  const cost = extensions?.cost;
  if (typeof cost === "number") return { requested: cost };
  return typeof cost === "object" && cost !== null ? (cost as Cost) : undefined;
}

/** The id under which the server's log tells of a request, and its trace (W3C Trace Context). */
export function tracesOf(headers: Headers, { extensions }: ExecutionResult) {
  const inAnswer = typeof extensions?.requestId === "string" ? extensions.requestId : undefined;
  const trace = headers.get("traceresponse") ?? headers.get("traceparent");
  return {
    requestId: headers.get("x-request-id") ?? inAnswer,
    trace: trace?.split("-")[1] ?? undefined,
  };
}
