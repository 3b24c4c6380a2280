import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import type { OrderFilter } from "../gql/graphql";
import { PageTitle } from "../ui/PageTitle";
import { Problem } from "../ui/Problem";
import { DemoOrderButton } from "./DemoOrderButton";
import { ORDERS } from "./documents";
import { NoOrders } from "./NoOrders";
import classes from "./OrdersPage.module.css";
import { OrdersTable } from "./OrdersTable";
import { StatusFilter } from "./StatusFilter";
import { useOrderCount } from "./useOrderCount";
import { useOrders } from "./useOrders";
import { useOrdersUrl } from "./useOrdersUrl";

/** Below this many pixels from the top, a row inserted above would move what is being read. */
const TOP_PX = 120;

export function OrdersPage() {
  const { search, status, oldestFirst, setStatus, setOldestFirst } = useOrdersUrl();
  const filter = useMemo<OrderFilter>(() => (status ? { lifecycle: [status] } : {}), [status]);
  const sort = oldestFirst ? "PLACED_AT_ASC" : "PLACED_AT_DESC";
  const orders = useOrders({
    search,
    filter,
    sort,
    reading: () => ({
      newestFirst: !oldestFirst,
      atTop: scrollY < TOP_PX,
      belongs: (order) => !status || order.lifecycle === status,
    }),
  });
  const total = useOrderCount(filter, orders.changes);

  const showWaiting = () => {
    scrollTo({ top: 0 });
    if (oldestFirst) setOldestFirst(false);
    else void orders.reload();
  };

  return (
    <>
      <PageTitle
        title="Orders"
        asked={{ document: ORDERS, variables: { first: 20, filter, sort } }}
      >
        <DemoOrderButton />
      </PageTitle>
      <Group justify="space-between" mb="sm" gap="xs">
        <StatusFilter status={status} onChange={setStatus} />
        <Group gap="sm">
          <Text size="sm" c="dimmed" className="figures">
            {total}
          </Text>
          <Button variant="default" size="compact-sm" onClick={() => setOldestFirst(!oldestFirst)}>
            {oldestFirst ? "Oldest first" : "Newest first"}
          </Button>
        </Group>
      </Group>
      <Stack gap="sm">
        {orders.problem && (
          <Problem
            title="The list could not be read again"
            message={orders.problem}
            onRetry={orders.reload}
          />
        )}
        {orders.waiting.length > 0 && (
          <Button className={classes.pill} radius="xl" size="compact-md" onClick={showWaiting}>
            {orders.waiting.length} new {orders.waiting.length === 1 ? "order" : "orders"}
          </Button>
        )}
        {orders.rows.length > 0 && <OrdersTable rows={orders.rows} changed={orders.changed} />}
        {orders.rows.length === 0 && orders.loading && <Skeleton height={420} radius="lg" />}
        {orders.rows.length === 0 && !orders.loading && !orders.problem && (
          <NoOrders filtered={status !== null} onClear={() => setStatus(null)} />
        )}
        {orders.hasNextPage && (
          <Button variant="default" loading={orders.loading} onClick={orders.more} mx="auto">
            Load more
          </Button>
        )}
      </Stack>
    </>
  );
}
