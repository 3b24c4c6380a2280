import { Anchor, Group, Skeleton, Stack, Text } from "@mantine/core";
import { Link } from "wouter";
import { useRead } from "../graphql/useRead";
import { Copy } from "../ui/Copy";
import { PageTitle } from "../ui/PageTitle";
import { Problem } from "../ui/Problem";
import { listPath } from "./listPlace";
import { MoneyCard } from "./MoneyCard";
import { OrderActions } from "./OrderActions";
import { OrderHead } from "./OrderHead";
import { OrderLines } from "./OrderLines";
import classes from "./OrderPage.module.css";
import { ORDER } from "./orderDocuments";
import { People } from "./People";
import { ProcessStrip } from "./ProcessStrip";
import { Timeline } from "./Timeline";
import { useTimeline } from "./useTimeline";

export function OrderPage({ id }: { id: string }) {
  const { events, problem: timelineProblem } = useTimeline(id);
  // Each event of the order asks for the page that already contains it.
  const minPosition = events[0]?.position ?? null;
  const { data, loading, problem, reload } = useRead(ORDER, { id, minPosition });
  const order = data?.order;

  if (!order) {
    return (
      <>
        <Back />
        {loading && <Skeleton height={420} radius="lg" />}
        {!loading && <NoSuchOrder problem={problem} onRetry={reload} />}
      </>
    );
  }

  return (
    <>
      <Back />
      <OrderHead order={order} />
      {problem && (
        <Problem title="The order could not be read again" message={problem} onRetry={reload} />
      )}
      <div className={classes.columns}>
        <Stack gap="md">
          {order.process && <ProcessStrip order={order} />}
          <OrderLines lines={order.lines} />
          <OrderActions order={order} />
          <Timeline events={events} problem={timelineProblem} />
        </Stack>
        <Stack gap="md">
          <MoneyCard order={order} />
          <People order={order} />
          <Group gap={4}>
            <Copy text={order.id} label="Copy id" />
            <Copy text={location.href} label="Copy link" />
          </Group>
        </Stack>
      </div>
    </>
  );
}

const Back = () => (
  <Anchor component={Link} href={listPath()} size="sm">
    ← Orders
  </Anchor>
);

const NoSuchOrder = ({
  problem,
  onRetry,
}: {
  problem: string | undefined;
  onRetry: () => void;
}) => (
  <>
    <PageTitle title={problem ? "Order" : "No such order"} />
    {problem ? (
      <Problem title="The order could not be read" message={problem} onRetry={onRetry} />
    ) : (
      <Text>No order has this id; it may belong to another log.</Text>
    )}
  </>
);
