import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { stringifyDocument } from "@urql/core";
import { setConnection } from "./connection";
import { permitted } from "./permitted";
import { comparePositions } from "./position";
import { waitForRetry } from "./retry";
import { socket } from "./socket";

export interface Positioned {
  position: string;
}

export interface TailOptions<Result, Variables, Item extends Positioned> {
  document: TypedDocumentNode<Result, Variables & { after: string }>;
  variables: Variables;
  /** The stream continues behind this position. */
  after: string;
  select: (result: Result) => Item;
  /** All that arrived since the last animation frame, in the order of the log. */
  onBatch: (items: Item[]) => void;
  onRefused?: (message: string) => void;
}

/**
 * Follows a subscription for ever and delivers each position exactly once.
 *
 * graphql-ws serialises the same variables object again at every reconnect, so moving its `after`
 * with each event is all it takes to resume exactly where the stream was cut.
 */
export function tail<Result, Variables extends object, Item extends Positioned>(
  options: TailOptions<Result, Variables, Item>,
): () => void {
  const variables = { ...options.variables, after: options.after };
  const query = stringifyDocument(permitted(options.document));
  const batch = frameBatch(options.onBatch);
  let stopped = false;
  let failures = 0;
  let unsubscribe = () => {};

  const receive = (item: Item) => {
    failures = 0;
    if (comparePositions(item.position, variables.after) <= 0) return;
    variables.after = item.position;
    setConnection({ lastEventAt: new Date().toISOString() });
    batch.push(item);
  };

  const again = async () => {
    await waitForRetry(failures++);
    if (!stopped) subscribe();
  };

  const subscribe = () => {
    unsubscribe = socket.subscribe<Result>(
      { query, variables },
      {
        next: (message) => {
          if (message.data) receive(options.select(message.data));
          else options.onRefused?.(describe(message.errors));
        },
        error: (cause) => {
          options.onRefused?.(describe(cause));
          void again();
        },
        // A server that shuts down completes its streams; the log itself never ends.
        complete: () => {
          if (!stopped) void again();
        },
      },
    );
  };

  subscribe();
  return () => {
    stopped = true;
    batch.stop();
    unsubscribe();
  };
}

/** Hands over what arrived, at most once per frame; a hidden page has no frames, so it gets a timer. */
function frameBatch<Item>(deliver: (items: Item[]) => void) {
  let items: Item[] = [];
  let cancel: (() => void) | undefined;
  const flush = () => {
    cancel = undefined;
    const ready = items;
    items = [];
    deliver(ready);
  };
  return {
    push: (item: Item) => {
      items.push(item);
      cancel ??= nextFrame(flush);
    },
    stop: () => cancel?.(),
  };
}

function nextFrame(run: () => void): () => void {
  if (document.hidden) {
    const timer = setTimeout(run, 100);
    return () => clearTimeout(timer);
  }
  const frame = requestAnimationFrame(run);
  return () => cancelAnimationFrame(frame);
}

function describe(cause: unknown): string {
  if (Array.isArray(cause)) return cause.map((error) => error.message).join("; ");
  return cause instanceof Error ? cause.message : "The stream was refused.";
}
