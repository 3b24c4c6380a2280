import { Title } from "@mantine/core";
import { eventLook } from "../orders/eventWords";
import { Glyph } from "../ui/Glyph";
import { Grid } from "../ui/Grid";
import { Problem } from "../ui/Problem";
import { RelativeTime } from "../ui/RelativeTime";
import classes from "./operations.module.css";
import { useLog } from "./useLog";

const COLUMNS = [
  { name: "Position", right: true },
  { name: "Event" },
  { name: "Stream" },
  { name: "Version", right: true },
  { name: "Happened" },
];

/** The newest events of the whole log. */
export function LogTail() {
  const { events, problem } = useLog();
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        Log
      </Title>
      {problem && <Problem title="The log could not be read" message={problem} />}
      <Grid label="Newest events" columns={COLUMNS}>
        {events.map((event) => (
          <LogRow key={event.position} event={event} />
        ))}
      </Grid>
    </section>
  );
}

function LogRow({ event }: { event: ReturnType<typeof useLog>["events"][number] }) {
  const [words, glyph, tone] = eventLook(event.type);
  return (
    <tr data-position={event.position}>
      <td className="right figures">{event.position}</td>
      <td>
        <span className={classes.state} data-tone={tone} title={event.type}>
          <Glyph name={glyph} size={13} />
          {words}
        </span>
      </td>
      <td className={classes.stream}>{event.streamId}</td>
      <td className="right figures">{event.version}</td>
      <td>
        <RelativeTime iso={event.occurredAt} />
      </td>
    </tr>
  );
}
