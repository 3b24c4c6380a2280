import { useEffect, useEffectEvent } from "react";
import { readShareHash } from "./share";
import { useOpen } from "./useOpen";

/** A link to an operation that is followed within the page opens it in a tab of its own. */
export function OpenLinks(): null {
  const open = useOpen();
  const follow = useEffectEvent(() => {
    const shared = readShareHash(location.hash);
    if (shared) open?.(shared.query, shared.variables);
  });
  useEffect(() => {
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return null;
}
