import { useCallback, useEffect, useState } from "react";
import { useClient } from "urql";
import { problemWords } from "../graphql/problem";
import { useRetryWhenLive } from "../graphql/useRetryWhenLive";
import { useTail } from "../graphql/useTail";
import { STOCK_CHANGED, STOCK_ITEMS, type StockRow } from "./documents";

const PAGE_SIZE = 100;

interface Stock {
  items: StockRow[];
  endCursor: string | null;
  hasNextPage: boolean;
  changed: Record<string, string>;
}

interface StockChange {
  position: string;
  stockItem: StockRow;
}

const NOTHING: Stock = { items: [], endCursor: null, hasNextPage: false, changed: {} };

/** Only rows already read are changed: a list sorted by SKU says where each belongs. */
function withChanges(stock: Stock, changes: StockChange[]): Stock {
  const latest = new Map(changes.map((change) => [change.stockItem.id, change]));
  const positions = [...latest].map(([id, { position }]) => [id, position] as const);
  return {
    ...stock,
    items: stock.items.map((item) => latest.get(item.id)?.stockItem ?? item),
    changed: { ...stock.changed, ...Object.fromEntries(positions) },
  };
}

export function useStock() {
  const client = useClient();
  const [stock, setStock] = useState(NOTHING);
  const [start, setStart] = useState<string>();
  const [loading, setLoading] = useState(true);
  const [problem, setProblem] = useState<string>();

  const load = useCallback(
    async (after: string | null) => {
      setLoading(true);
      const { data, error } = await client
        .query(STOCK_ITEMS, { first: PAGE_SIZE, after })
        .toPromise();
      setLoading(false);
      setProblem(problemWords(error));
      if (!data) return;
      const { edges, pageInfo, position } = data.stockItems;
      const page = edges.map(({ node }) => node);
      setStock((before) => ({
        items: after ? [...before.items, ...page] : page,
        endCursor: pageInfo.endCursor ?? null,
        hasNextPage: pageInfo.hasNextPage,
        changed: after ? before.changed : {},
      }));
      if (!after) setStart(position);
    },
    [client],
  );

  const reload = useCallback(() => load(null), [load]);
  useEffect(() => {
    void reload();
  }, [reload]);

  useTail({
    document: STOCK_CHANGED,
    variables: {},
    after: start,
    select: ({ stockChanged }) => stockChanged,
    onBatch: (changes, complete) =>
      complete ? setStock((before) => withChanges(before, changes)) : void reload(),
    onRefused: setProblem,
  });

  useRetryWhenLive(problem, reload);
  return { ...stock, loading, problem, reload, more: () => load(stock.endCursor) };
}
