import { type GraphiQLPlugin, useGraphiQL } from "@graphiql/react";
import { LogIcon } from "./icons";
import { ResumeButton } from "./ResumeButton";
import {
  asNdjson,
  type SubscriptionLog,
  subscriptionLog,
  useSubscriptionLog,
} from "./subscriptionLog";
import { TRANSPORT_NAMES, transportChoice } from "./transports/choice";

function save(log: SubscriptionLog): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([asNdjson(log)], { type: "application/x-ndjson" }));
  link.download = "subscription.ndjson";
  link.click();
  URL.revokeObjectURL(link.href);
}

function Log() {
  const log = useSubscriptionLog();
  return (
    <div className="orderlog-plugin">
      <h2>Subscription log</h2>
      <Transports />
      <div className="orderlog-buttons">
        <button type="button" onClick={subscriptionLog.togglePause} aria-pressed={log.paused}>
          {log.paused ? "Resume" : "Pause"}
        </button>
        <button type="button" onClick={subscriptionLog.clear}>
          Clear
        </button>
        <button type="button" onClick={() => save(log)} disabled={log.kept.length === 0}>
          Save NDJSON
        </button>
      </div>
      <p>
        <output data-received={log.received}>{log.received}</output> received, newest first.
        {log.received === 0 && " Run a subscription; each message appears here."}
      </p>
      {log.cursor && (
        <p className="orderlog-cursor">
          Cursor: position <output data-cursor={log.cursor}>{log.cursor}</output>
          <ResumeButton cursor={log.cursor} />
        </p>
      )}
      <ol className="orderlog-log" reversed>
        {log.kept.map(({ number, at, message }) => (
          <li key={number}>
            <small>
              {number} · {at}
            </small>
            <pre>{JSON.stringify(message, null, 1)}</pre>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Counts for the next subscription: what runs goes on as it came. */
function Transports() {
  const { name } = transportChoice.use();
  const running = useGraphiQL((state) => state.isFetching || state.subscription !== null);
  return (
    <fieldset className="orderlog-choice" disabled={running}>
      <legend>Transport</legend>
      {TRANSPORT_NAMES.map((each) => (
        <label key={each}>
          <input
            type="radio"
            name="transport"
            value={each}
            checked={each === name}
            onChange={() => transportChoice.change({ name: each })}
          />
          {each}
        </label>
      ))}
    </fieldset>
  );
}

export const subscriptionLogPlugin: GraphiQLPlugin = {
  title: "Subscription log",
  icon: LogIcon,
  content: Log,
};
