import type { GraphiQLPlugin } from "@graphiql/react";
import { type FormEvent, useEffect, useState } from "react";
import type { Claims } from "../graphql/claims";
import { roleWords } from "../graphql/claims";
import { enter, useSession } from "../graphql/session";
import { useTimeLeft } from "../ui/RelativeTime";
import { exactTime } from "../ui/time";
import { type DemoToken, readDemoTokens } from "./demoTokens";
import { AccessIcon } from "./icons";

function Access() {
  const { token, claims, refused } = useSession();
  return (
    <div className="orderlog-plugin">
      <h2>Access</h2>
      {refused && (
        <p role="status" className="orderlog-refused">
          The server wants {token ? "another" : "a"} token.{" "}
          <code>orderlog token create --role admin</code> prints one.
        </p>
      )}
      {claims && <Bearer claims={claims} />}
      {token && !claims && <p>A token that only the server can read is sent.</p>}
      {!token && !refused && <p>No token is sent; this server may not want one.</p>}
      <Paste />
      <DemoRoles current={claims && roleWords(claims)} />
      <p className="orderlog-small">
        It is kept for this tab alone and sent with each request, and in{" "}
        <code>connection_init</code> of a socket. It is in no link, no history and no copied
        program.
      </p>
    </div>
  );
}

function Bearer({ claims }: { claims: Claims }) {
  const facts: [string, string][] = [
    ["Who", claims.subject],
    ["Kind", claims.kind],
    ["Roles", claims.roles.join(", ") || "none"],
    ["Channels", claims.channels.join(", ") || "default"],
  ];
  return (
    <dl className="orderlog-facts" aria-label={`Signed in as ${roleWords(claims)}`}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      {claims.expiresAt !== undefined && <Expiry until={claims.expiresAt} />}
    </dl>
  );
}

function Expiry({ until }: { until: number }) {
  return (
    <div>
      <dt>Expiry</dt>
      <dd data-expiry>
        {useTimeLeft(until)}
        <br />
        <small>{exactTime(new Date(until).toISOString())}</small>
      </dd>
    </div>
  );
}

function Paste() {
  const [pasted, setPasted] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter(pasted);
    setPasted("");
  };
  return (
    <form className="orderlog-buttons" onSubmit={submit}>
      <input
        aria-label="Token or link"
        placeholder="Token or link"
        type="password"
        autoComplete="off"
        value={pasted}
        onChange={(event) => setPasted(event.currentTarget.value)}
      />
      <button type="submit" disabled={!pasted.trim()}>
        Use
      </button>
    </form>
  );
}

function DemoRoles({ current }: { current: string | undefined }) {
  const [offered, setOffered] = useState<readonly DemoToken[]>([]);
  useEffect(() => void readDemoTokens().then(setOffered), []);
  if (offered.length === 0) return null;
  return (
    <section aria-label="Roles of this demo">
      <h3>Ask as</h3>
      <ul className="orderlog-roles">
        {offered.map((each) => (
          <li key={each.role}>
            <button
              type="button"
              aria-pressed={each.role === current}
              data-role={each.role}
              onClick={() => enter(each.token)}
            >
              {each.role}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export const accessPlugin: GraphiQLPlugin = {
  title: "Access",
  icon: AccessIcon,
  content: Access,
};
