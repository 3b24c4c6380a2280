import { useEffect, useEffectEvent } from "react";
import { currentConnection, onConnection, setConnection } from "./connection";
import { createGate, type Gate } from "./gate";
import { type Positioned, type TailOptions, tail } from "./tail";

interface UseTailOptions<Result, Variables, Item extends Positioned>
  extends Omit<TailOptions<Result, Variables, Item>, "after" | "onBatch"> {
  /** Undefined while the starting position is not known yet. */
  after: string | undefined;
  onBatch: (items: Item[], complete: boolean) => void;
}

/** Follows a subscription while the component lives; stands still while the operator pauses. */
export function useTail<Result, Variables extends object, Item extends Positioned>(
  options: UseTailOptions<Result, Variables, Item>,
): void {
  const { after } = options;
  const variablesKey = JSON.stringify(options.variables);
  const deliver = useEffectEvent(options.onBatch);
  const start = useEffectEvent((from: string, gate: Gate<Item>) =>
    tail({ ...options, after: from, onBatch: gate.push }),
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: other variables are another stream
  useEffect(() => {
    if (after === undefined) return;
    const gate = createGate<Item>((items, complete) => deliver(items, complete));
    const stopGate = obeyPause(gate);
    const stopTail = start(after, {
      ...gate,
      push: (items) => {
        gate.push(items);
        if (currentConnection().paused) setConnection({ held: gate.held() });
      },
    });
    return () => {
      stopTail();
      stopGate();
    };
  }, [after, variablesKey]);
}

function obeyPause<Item>(gate: Gate<Item>): () => void {
  let paused = false;
  const obey = () => {
    const wanted = currentConnection().paused;
    if (wanted === paused) return;
    paused = wanted;
    if (paused) gate.pause();
    else {
      gate.resume();
      setConnection({ held: 0 });
    }
  };
  obey();
  return onConnection(obey);
}
