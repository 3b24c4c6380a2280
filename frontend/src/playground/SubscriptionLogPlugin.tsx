import type { GraphiQLPlugin } from "@graphiql/react";
import {
  asNdjson,
  type SubscriptionLog,
  subscriptionLog,
  useSubscriptionLog,
} from "./subscriptionLog";

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
      <ol className="orderlog-log">
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

const Icon = () => (
  <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
    <path d="M2 8h3l2-5l3 10l2-5h2" />
  </svg>
);

export const subscriptionLogPlugin: GraphiQLPlugin = {
  title: "Subscription log",
  icon: Icon,
  content: Log,
};
