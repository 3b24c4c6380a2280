const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "just now", "12 s ago", "3 h ago", then the date. A clock that runs ahead of ours never says "in 2 s". */
export function relativeTime(iso: string, now: number): string {
  const seconds = Math.floor(Math.max(0, now - Date.parse(iso)) / 1000);
  if (seconds < 3) return "just now";
  if (seconds < MINUTE) return `${seconds} s ago`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  if (seconds < 7 * DAY) return `${Math.floor(seconds / DAY)} d ago`;
  return dateFormat.format(Date.parse(iso));
}

/** "58 min left", rounded down: what is told is what is there at least. */
export function timeLeft(until: number, now: number): string {
  const seconds = Math.floor((until - now) / 1000);
  if (seconds <= 0) return "ended";
  if (seconds < MINUTE) return `${seconds} s left`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min left`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h left`;
  return `${Math.floor(seconds / DAY)} d left`;
}

const dateFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
});

const exactFormat = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "medium",
});

/** Local time to the second, with the UTC instant behind it. */
export function exactTime(iso: string): string {
  return `${exactFormat.format(Date.parse(iso))} (${iso})`;
}

const clockFormat = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export const clockTime = (iso: string): string => clockFormat.format(Date.parse(iso));

const startOfDay = (time: number): number => new Date(time).setHours(0, 0, 0, 0);

/** "Today", "Yesterday" or the date: the headings of a timeline. */
export function dayHeading(iso: string, now: number): string {
  const day = startOfDay(Date.parse(iso));
  if (day >= startOfDay(now)) return "Today";
  // Noon minus a day is yesterday even where a day has 23 or 25 hours.
  if (day === startOfDay(startOfDay(now) - (DAY / 2) * 1000)) return "Yesterday";
  return dateFormat.format(day);
}

const monthFormat = new Intl.DateTimeFormat("en-GB", {
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});
const dayFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});

/** "2026-11" → "Nov 2026", "2026-11-23" → "23 Nov 2026": calendar periods, in UTC as they were summed. */
export const periodWords = (period: string): string =>
  (period.length === "YYYY-MM".length ? monthFormat : dayFormat).format(Date.parse(period));
