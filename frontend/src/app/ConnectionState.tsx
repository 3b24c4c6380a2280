import { Button, Group, Text } from "@mantine/core";
import { type Connection, togglePause, useConnection } from "../graphql/connection";
import { useSession } from "../graphql/session";
import { Glyph, type GlyphName } from "../ui/Glyph";
import { useRelativeTime } from "../ui/RelativeTime";
import classes from "./ConnectionState.module.css";

type Look = [word: string, glyph: GlyphName, tone: string];

function look({ status, attempt, paused }: Connection, refused: boolean): Look {
  if (refused) return ["Signed out", "slash", "bad"];
  if (status === "reconnecting") return [`Reconnecting (${Math.max(attempt, 1)})`, "clock", "bad"];
  if (status === "connecting") return ["Connecting", "clock", "waiting"];
  return paused ? ["Paused", "pause", "waiting"] : ["Live", "dot", "good"];
}

/** Always in sight: whether what the page shows is still moving with the log. */
export function ConnectionState() {
  const connection = useConnection();
  const [word, glyph, tone] = look(connection, useSession().refused);
  return (
    <Group gap="xs" wrap="nowrap">
      <span className={classes.state} data-tone={tone} data-connection={connection.status}>
        <Glyph name={glyph} />
        <span role="status">{word}</span>
      </span>
      {connection.lastEventAt && <LastEvent at={connection.lastEventAt} />}
      <Button
        variant="default"
        size="compact-sm"
        onClick={togglePause}
        aria-pressed={connection.paused}
        leftSection={<Glyph name={connection.paused ? "play" : "pause"} size={12} />}
      >
        {connection.paused ? `Resume${connection.held ? ` (+${connection.held})` : ""}` : "Pause"}
      </Button>
    </Group>
  );
}

/** Outside of the status region: a screen reader need not hear each second pass. */
const LastEvent = ({ at }: { at: string }) => (
  <Text size="xs" c="dimmed" visibleFrom="sm" className="figures">
    last event {useRelativeTime(at)}
  </Text>
);
