import { useEffectEvent, useLayoutEffect } from "react";
import type { LiveOrders } from "./liveOrders";

interface ListPlace {
  search: string;
  list: LiveOrders;
  scrollY: number;
}

/** Where the reader was in the list: kept for the way back, as long as the page lives. */
let place: ListPlace | undefined;

/** The list as it was left, if it answered the same question; nothing in it is news any more. */
export const keptList = (search: string): LiveOrders | undefined =>
  place?.search === search ? { ...place.list, changed: {} } : undefined;

/** Back to the list with the filter and the order that it had. */
export const listPath = (): string => (place?.search ? `/?${place.search}` : "/");

export function useListPlace(search: string, list: LiveOrders): void {
  const come = useEffectEvent(() => {
    if (place?.search === search) scrollTo(0, place.scrollY);
  });
  const leave = useEffectEvent(() => {
    if (list.rows.length > 0) place = { search, list, scrollY };
  });
  useLayoutEffect(() => {
    come();
    return () => leave();
  }, []);
}
