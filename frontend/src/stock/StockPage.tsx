import { Button, Skeleton } from "@mantine/core";
import { PageTitle } from "../ui/PageTitle";
import { Problem } from "../ui/Problem";
import { STOCK_ITEMS } from "./documents";
import { StockTable } from "./StockTable";
import { useStock } from "./useStock";

export function StockPage() {
  const { items, changed, hasNextPage, loading, problem, more, reload } = useStock();
  return (
    <>
      <PageTitle title="Stock" asked={{ document: STOCK_ITEMS, variables: { first: 20 } }} />
      {problem && (
        <Problem title="Stock could not be read again" message={problem} onRetry={reload} />
      )}
      {items.length > 0 && <StockTable items={items} changed={changed} />}
      {items.length === 0 && loading && <Skeleton height={320} radius="lg" />}
      {items.length === 0 && !loading && !problem && (
        <p>No stock item is registered. The mutation registerStockItem makes the first.</p>
      )}
      {hasNextPage && (
        <Button
          variant="default"
          mt="md"
          mx="auto"
          display="block"
          loading={loading}
          onClick={more}
        >
          Load more
        </Button>
      )}
    </>
  );
}
