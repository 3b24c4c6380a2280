import { Title } from "@mantine/core";
import { graphql } from "../gql";
import { useRead } from "../graphql/useRead";
import { Glyph } from "../ui/Glyph";
import { Grid } from "../ui/Grid";
import { Problem } from "../ui/Problem";
import { useEvery } from "../ui/useEvery";
import classes from "./operations.module.css";

const PROJECTIONS = graphql(`
  query Projections {
    projections { name position head lag }
  }
`);

const REFRESH_MS = 2_000;

const COLUMNS = [
  { name: "Read model" },
  { name: "State" },
  { name: "Position", right: true },
  { name: "Head", right: true },
  { name: "Lag", right: true },
];

export function Projections() {
  const { data, problem, reload } = useRead(PROJECTIONS, {});
  useEvery(REFRESH_MS, reload);
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        Projections
      </Title>
      {problem && <Problem title="Not read again" message={problem} onRetry={reload} />}
      <Grid label="Projections" columns={COLUMNS}>
        {data?.projections.map((projection) => (
          <tr key={projection.name}>
            <td>{projection.name}</td>
            <td>
              <LagState lag={Number(projection.lag)} />
            </td>
            <td className="right figures">{projection.position}</td>
            <td className="right figures">{projection.head}</td>
            <td className="right figures">{projection.lag}</td>
          </tr>
        ))}
      </Grid>
    </section>
  );
}

const LagState = ({ lag }: { lag: number }) => (
  <span className={classes.state} data-tone={lag === 0 ? "good" : "waiting"}>
    <Glyph name={lag === 0 ? "check" : "clock"} size={13} />
    {lag === 0 ? "up to date" : "catching up"}
  </span>
);
