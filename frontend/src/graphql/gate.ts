/** More than this while paused is not worth keeping: reading the page again is cheaper. */
export const HELD_MAX = 5_000;

export interface Gate<Item> {
  push: (items: Item[]) => void;
  pause: () => void;
  resume: () => void;
  held: () => number;
}

/**
 * Lets items through, or holds them while paused and delivers all at once on resume.
 *
 * `complete` is false when so many were held that the oldest had to go.
 */
export function createGate<Item>(
  deliver: (items: Item[], complete: boolean) => void,
  heldMax = HELD_MAX,
): Gate<Item> {
  let paused = false;
  let complete = true;
  let waiting: Item[] = [];

  const hold = (items: Item[]) => {
    waiting.push(...items);
    if (waiting.length <= heldMax) return;
    waiting = waiting.slice(-heldMax);
    complete = false;
  };

  return {
    push: (items) => (paused ? hold(items) : deliver(items, true)),
    pause: () => {
      paused = true;
    },
    resume: () => {
      const ready = waiting;
      const whole = complete;
      paused = false;
      complete = true;
      waiting = [];
      if (ready.length > 0) deliver(ready, whole);
    },
    held: () => waiting.length,
  };
}
