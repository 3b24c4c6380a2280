import type { Cost, LastRun } from "./lastRun";

const figures = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });

export const duration = (milliseconds: number): string =>
  milliseconds < 1_000
    ? `${figures.format(milliseconds)} ms`
    : `${figures.format(milliseconds / 1_000)} s`;

export const size = (bytes: number): string =>
  bytes < 1_000 ? `${bytes} B` : `${figures.format(bytes / 1_000)} kB`;

/** "cost 24 of 1,000, 9,976 left"; what the server does not say is left out. */
export function costWords({ requested, max, remaining }: Cost): string {
  const used = requested === undefined ? "?" : figures.format(requested);
  const allowed = max === undefined ? "" : ` of ${figures.format(max)}`;
  const left = remaining === undefined ? "" : `, ${figures.format(remaining)} left`;
  return `cost ${used}${allowed}${left}`;
}

/** What is known about a run, in the order in which somebody wonders about it. */
export function runWords(run: LastRun): string[] {
  const { by, milliseconds, bytes, messages, cost, requestId, trace } = run;
  const first = messages === undefined ? "" : " to the first";
  return [
    by,
    messages === undefined ? "" : `${figures.format(messages)} messages`,
    milliseconds === undefined ? "" : duration(milliseconds) + first,
    size(bytes),
    cost ? costWords(cost) : "",
    requestId ? `request ${requestId}` : "",
    trace ? `trace ${trace}` : "",
  ].filter(Boolean);
}
