import { Title } from "@mantine/core";
import { graphql } from "../gql";
import { useRead } from "../graphql/useRead";
import type { Tone } from "../ui/badges";
import { Glyph, type GlyphName } from "../ui/Glyph";
import { Grid } from "../ui/Grid";
import { Problem } from "../ui/Problem";
import { useEvery } from "../ui/useEvery";
import classes from "./operations.module.css";

export const PROJECTIONS = graphql(`
  query Projections {
    projections { name position head lag parkedKeys error }
  }
`);

const REFRESH_MS = 2_000;

const figures = new Intl.NumberFormat("en-GB");

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
              <LagState
                lag={Number(projection.lag)}
                parkedKeys={projection.parkedKeys}
                error={projection.error}
              />
            </td>
            <td className="right figures">{projection.position}</td>
            <td className="right figures">{projection.head}</td>
            <td className="right figures">{figures.format(BigInt(projection.lag))}</td>
          </tr>
        ))}
      </Grid>
    </section>
  );
}

interface Standing {
  lag: number;
  parkedKeys: number;
  error: string | null;
}

function LagState(standing: Standing) {
  const [words, glyph, tone] = look(standing);
  return (
    <span className={classes.state} data-tone={tone}>
      <Glyph name={glyph} size={13} />
      {words}
    </span>
  );
}

function look({ lag, parkedKeys, error }: Standing): [words: string, glyph: GlyphName, tone: Tone] {
  if (error !== null) return [`stands still: ${error}`, "cross", "bad"];
  if (parkedKeys > 0) return [`${figures.format(parkedKeys)} parked`, "cross", "bad"];
  return lag === 0 ? ["up to date", "check", "good"] : ["catching up", "clock", "waiting"];
}
