import { Text } from "@mantine/core";
import { roleWords } from "../graphql/claims";
import { useSession } from "../graphql/session";
import { useTimeLeft } from "../ui/RelativeTime";
import { exactTime } from "../ui/time";
import classes from "./Shell.module.css";

/** As whom the page asks and for how long; nothing where nobody has to say who they are. */
export function Bearer() {
  const { claims } = useSession();
  if (!claims) return null;
  return (
    <Text className={classes.bearer} title={claims.subject} data-bearer>
      <strong>{roleWords(claims)}</strong>
      {claims.expiresAt !== undefined && <Left until={claims.expiresAt} />}
    </Text>
  );
}

const Left = ({ until }: { until: number }) => (
  <span title={exactTime(new Date(until).toISOString())} className="figures">
    {useTimeLeft(until)}
  </span>
);
