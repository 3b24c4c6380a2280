import { SegmentedControl, Skeleton, Text, Title } from "@mantine/core";
import { useSearchParams } from "wouter";
import type { SalesPeriod } from "../gql/graphql";
import { useRead } from "../graphql/useRead";
import { Grid } from "../ui/Grid";
import { MoneyText } from "../ui/MoneyText";
import { Needs } from "../ui/Needs";
import { PageTitle } from "../ui/PageTitle";
import { Problem } from "../ui/Problem";
import { periodWords } from "../ui/time";
import { useEvery } from "../ui/useEvery";
import { currencyName } from "../ui/words";
import { SalesBars } from "./SalesBars";
import classes from "./sales.module.css";
import { SALES, type Sales } from "./salesDocument";

const REFRESH_MS = 5_000;

const PERIODS = [
  { value: "MONTH", label: "Months" },
  { value: "DAY", label: "Days" },
];

export function SalesPage() {
  const [search, setSearch] = useSearchParams();
  const period: SalesPeriod = search.get("period") === "day" ? "DAY" : "MONTH";
  return (
    <>
      <PageTitle title="Sales" asked={{ document: SALES, variables: { period } }}>
        <SegmentedControl
          size="xs"
          data={PERIODS}
          value={period}
          onChange={(value) => setSearch(value === "DAY" ? { period: "day" } : {})}
          aria-label="Period"
        />
      </PageTitle>
      <Needs what="Sales" field="Query.salesByPeriod">
        <SalesBy period={period} />
      </Needs>
    </>
  );
}

function SalesBy({ period }: { period: SalesPeriod }) {
  const { data, loading, problem, reload } = useRead(SALES, { period });
  useEvery(REFRESH_MS, reload);
  const currencies = Map.groupBy(data?.salesByPeriod ?? [], (sales) => sales.currency);
  return (
    <>
      {problem && <Problem title="Sales could not be read" message={problem} onRetry={reload} />}
      {!data && loading && <Skeleton height={320} radius="lg" />}
      {data && currencies.size === 0 && <Text>Nothing has been sold yet.</Text>}
      {[...currencies].map(([currency, sales]) => (
        <section key={currency} className={classes.currency}>
          <Title order={2} size="h5">
            Revenue, {currencyName(currency)}
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
        <td className="figures">{periodWords(each.period)}</td>
        <td className="right figures">{each.orders.toLocaleString("en-GB")}</td>
        <td className="right figures">{each.units.toLocaleString("en-GB")}</td>
        <td className="right">
          <MoneyText money={each.revenue} />
        </td>
      </tr>
    ))}
  </Grid>
);
