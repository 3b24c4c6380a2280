import type { ExecutionResult } from "graphql";

export type Message = ExecutionResult;

/** What is asked for. `variables` may change while a stream goes on: `after` moves with its events. */
export interface Asked {
  query: string;
  variables: Record<string, unknown>;
  operationName?: string | null | undefined;
}

/** Opens a stream; it ends when the server has said so, or fails when it was cut. */
export type Open = (asked: Asked, signal: AbortSignal) => AsyncIterable<Message>;

/** The stream ended without saying that it was over. */
export class Cut extends Error {}
