import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { useClient } from "urql";
import type { OrderFilter, OrderSort, OrdersQuery } from "../gql/graphql";
import { problemWords } from "../graphql/problem";
import { useRetryWhenLive } from "../graphql/useRetryWhenLive";
import { useTail } from "../graphql/useTail";
import { ORDER_CHANGED, ORDERS } from "./documents";
import { keptList, useListPlace } from "./listPlace";
import { liveOrders, NO_ORDERS, type OrdersPageRead, type Reading } from "./liveOrders";

const PAGE_SIZE = 50;
const ROWS_MAX = 500;

const readPage = ({ orders }: OrdersQuery): OrdersPageRead => ({
  rows: orders.edges.map(({ node }) => node),
  endCursor: orders.pageInfo.endCursor ?? null,
  hasNextPage: orders.pageInfo.hasNextPage,
});

interface Question {
  /** The question as the address has it: where the reader was is kept under it. */
  search: string;
  filter: OrderFilter;
  sort: OrderSort;
  reading: () => Reading;
}

/** The order list: pages read by cursor, kept true by the live tail. */
export function useOrders({ search, filter, sort, reading }: Question) {
  const client = useClient();
  const [kept] = useState(() => keptList(search));
  const [state, dispatch] = useReducer(liveOrders, kept ?? NO_ORDERS);
  useListPlace(search, state);
  const [loading, setLoading] = useState(!kept);
  const [problem, setProblem] = useState<string>();
  const [start, setStart] = useState(kept?.position);
  const [changes, setChanges] = useState(kept ? 1 : 0);
  const asked = useRef(0);
  const filterKey = JSON.stringify(filter);

  // biome-ignore lint/correctness/useExhaustiveDependencies: equal filters are the same question
  const load = useCallback(
    async (after: string | null) => {
      const question = ++asked.current;
      setLoading(true);
      const variables = { first: PAGE_SIZE, after, filter, sort };
      const { data, error } = await client.query(ORDERS, variables).toPromise();
      // An answer that was overtaken by another question is not shown.
      if (question !== asked.current) return;
      setLoading(false);
      setProblem(problemWords(error));
      if (!data) return;
      setChanges((count) => count + 1);
      const page = readPage(data);
      if (after) return dispatch({ type: "more", page });
      const { position } = data.orders;
      dispatch({ type: "loaded", page, position, loadedAt: Date.now() });
      setStart(position);
    },
    [client, filterKey, sort],
  );

  const reload = useCallback(() => load(null), [load]);
  // A list that was kept needs no reading: the tail brings what happened since.
  const answered = useRef(kept ? reload : undefined);
  useEffect(() => {
    if (answered.current === reload) return;
    answered.current = undefined;
    void reload();
  }, [reload]);

  useTail({
    document: ORDER_CHANGED,
    variables: {},
    after: start,
    select: ({ orderChanged }) => orderChanged,
    onBatch: (batch, complete) => {
      setProblem(undefined);
      const now = reading();
      // A page that stays open for days must not grow for days.
      if (!complete || (now.atTop && state.rows.length > ROWS_MAX)) return void reload();
      dispatch({ type: "arrived", changes: batch, reading: now });
      setChanges((count) => count + batch.length);
    },
    onRefused: setProblem,
  });

  useRetryWhenLive(problem, reload);
  const more = () => load(state.endCursor);
  return { ...state, loading, problem, changes, reload, more };
}
