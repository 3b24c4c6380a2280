import { useEffect, useRef, useState } from "react";
import { useClient } from "urql";
import type { OrderFilter } from "../gql/graphql";
import { ORDER_COUNT } from "./documents";

const WAIT_MS = 1_000;
const figures = new Intl.NumberFormat("en-GB");

/**
 * How many orders match, in words, asked again at most once a second while pages are read or changes arrive. The
 * server counts: adding up here would drift with every order that enters or leaves the filter.
 */
export function useOrderCount(filter: OrderFilter, changes: number): string {
  const client = useClient();
  const [total, setTotal] = useState<string>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const filterKey = JSON.stringify(filter);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each change asks for a count, the filter by value
  useEffect(() => {
    if (changes === 0) return;
    timer.current ??= setTimeout(
      async () => {
        timer.current = undefined;
        const { data } = await client.query(ORDER_COUNT, { filter }).toPromise();
        if (data) setTotal(countWords(data.orders.totalCount, data.orders.totalCountIsCapped));
      },
      total === undefined ? 0 : WAIT_MS,
    );
  }, [client, changes, filterKey]);

  // Another filter must not inherit the count that is under way for this one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    return () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      setTotal(undefined);
    };
  }, [filterKey]);

  return total ?? "…";
}

/** Counting stops where it would take too long; then the list is longer than what was counted. */
function countWords(total: number, isCapped: boolean): string {
  if (isCapped) return `more than ${figures.format(total)} orders`;
  return `${figures.format(total)} ${total === 1 ? "order" : "orders"}`;
}
