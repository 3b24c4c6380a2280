import { Skeleton, Stack, Text, Title } from "@mantine/core";
import { Problem } from "../ui/Problem";
import { counted } from "../ui/words";
import { isMinor } from "./eventWords";
import classes from "./Timeline.module.css";
import { TimelineRun } from "./TimelineRun";
import { byDay, runs } from "./timeline";
import type { OrderEvent } from "./useTimeline";

interface TimelineProps {
  events: OrderEvent[];
  problem: string | undefined;
}

export function Timeline({ events, problem }: TimelineProps) {
  return (
    <section className={`panel ${classes.timeline}`} aria-label="Timeline">
      <Title order={2} size="h5" mb="sm">
        Timeline{" "}
        <Text span c="dimmed" size="sm" className="figures">
          {counted(events.length, "event")}
        </Text>
      </Title>
      {problem && <Problem title="The timeline stands still" message={problem} />}
      {events.length === 0 && !problem && <Skeleton height={160} />}
      <Stack gap="md">
        {byDay(events, Date.now()).map((day) => (
          <section key={day.heading} aria-label={day.heading}>
            <h3 className={classes.day}>{day.heading}</h3>
            <ol className={classes.events} reversed>
              {runs(day.events, isMinor).map((run) => (
                <TimelineRun key={run.at(-1)?.position} events={run} />
              ))}
            </ol>
          </section>
        ))}
      </Stack>
    </section>
  );
}
