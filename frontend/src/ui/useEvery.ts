import { useEffect, useEffectEvent } from "react";
import { currentConnection } from "../graphql/connection";

/** Asks again at intervals, while the page is in sight and nobody paused it. */
export function useEvery(milliseconds: number, ask: () => void): void {
  const tick = useEffectEvent(() => {
    if (!document.hidden && !currentConnection().paused) ask();
  });
  useEffect(() => {
    const timer = setInterval(() => tick(), milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
}
