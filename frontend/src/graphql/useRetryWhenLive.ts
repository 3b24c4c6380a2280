import { useEffect, useEffectEvent } from "react";
import { useConnection } from "./connection";

/** A server that comes back is asked again by itself; nobody should have to press a button. */
export function useRetryWhenLive(problem: string | undefined, retry: () => void): void {
  const live = useConnection().status === "live";
  const back = useEffectEvent(() => {
    if (problem !== undefined) retry();
  });
  useEffect(() => {
    if (live) back();
  }, [live]);
}
