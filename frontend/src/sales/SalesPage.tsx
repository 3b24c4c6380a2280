import { SegmentedControl, Skeleton, Text, Title } from "@mantine/core";
import { useState } from "react";
import type { SalesPeriod } from "../gql/graphql";
import { useRead } from "../graphql/useRead";
import { Grid } from "../ui/Grid";
import { MoneyText } from "../ui/MoneyText";
import { PageTitle } from "../ui/PageTitle";
import { Problem } from "../ui/Problem";
import { SalesBars } from "./SalesBars";
import classes from "./sales.module.css";
import { SALES, type Sales } from "./salesDocument";

const PERIODS = [
  { value: "MONTH", label: "Months" },
  { value: "DAY", label: "Days" },
];

export function SalesPage() {
  const [period, setPeriod] = useState<SalesPeriod>("MONTH");
  const { data, loading, problem, reload } = useRead(SALES, { period });
  const currencies = Map.groupBy(data?.salesByPeriod ?? [], (sales) => sales.currency);

  return (
    <>
      <PageTitle title="Sales">
        <SegmentedControl
          size="xs"
          data={PERIODS}
          value={period}
          onChange={(value) => setPeriod(value as SalesPeriod)}
          aria-label="Period"
        />
      </PageTitle>
      {problem && <Problem title="Sales could not be read" message={problem} onRetry={reload} />}
      {!data && loading && <Skeleton height={320} radius="lg" />}
      {data && currencies.size === 0 && <Text>Nothing has been sold yet.</Text>}
      {[...currencies].map(([currency, sales]) => (
        <section key={currency} className={classes.currency}>
          <Title order={2} size="h5">
            {currency}
          </Title>
          <SalesBars sales={sales} />
          <SalesTable currency={currency} sales={sales} />
        </section>
      ))}
    </>
  );
}

const COLUMNS = [
  { name: "Period" },
  { name: "Orders", right: true },
  { name: "Units", right: true },
  { name: "Revenue", right: true },
];

const SalesTable = ({ currency, sales }: { currency: string; sales: Sales[] }) => (
  <Grid label={`Sales in ${currency} by period`} columns={COLUMNS}>
    {sales.toReversed().map((each) => (
      <tr key={each.period}>
        <td className="figures">{each.period}</td>
        <td className="right figures">{each.orders.toLocaleString("en-GB")}</td>
        <td className="right figures">{each.units.toLocaleString("en-GB")}</td>
        <td className="right">
          <MoneyText money={each.revenue} />
        </td>
      </tr>
    ))}
  </Grid>
);
