/** A type of event, as `platform/EVENTS.md` describes it: the page that the code itself prints. */
export interface CatalogueEntry {
  name: string;
  /** What it means; empty where its name says it all. */
  purpose: string;
  /** Its version, and who reacts to it; empty for what is only part of an event. */
  reactions: string;
  fields: readonly (readonly [name: string, type: string])[];
}

export interface CatalogueGroup {
  heading: string;
  entries: readonly CatalogueEntry[];
}

/** Reads `## Group`, `### Entry`, sentences and a table of fields. */
export function readCatalogue(page: string): CatalogueGroup[] {
  const [, ...groups] = page.split(/^## /m);
  return groups.map((group) => {
    const [heading = "", ...entries] = group.split(/^### /m);
    return { heading: heading.trim(), entries: entries.map(readEntry) };
  });
}

function readEntry(text: string): CatalogueEntry {
  const [name = "", ...lines] = text.split("\n").map((line) => line.trim());
  const sentences = lines.filter((line) => line && !line.startsWith("|"));
  const reactions = sentences.find((line) => /^Version \d/.test(line)) ?? "";
  return {
    name,
    purpose: withoutTicks(sentences.filter((line) => line !== reactions).join(" ")),
    reactions: withoutTicks(reactions),
    fields: lines.map(readRow).filter((row) => row !== undefined),
  };
}

/** Only names stand in backticks; the head of the table does not. */
function readRow(line: string): readonly [string, string] | undefined {
  const [, name, type] = /^\| `(.+?)` \| (.*) \|$/.exec(line) ?? [];
  return name === undefined || type === undefined ? undefined : [name, withoutTicks(type)];
}

const withoutTicks = (text: string): string => text.replaceAll("`", "");

/** Entries whose name, meaning or fields have the words; groups without any are left out. */
export function searched(groups: readonly CatalogueGroup[], words: string): CatalogueGroup[] {
  const wanted = words.trim().toLowerCase();
  return groups
    .map(({ heading, entries }) => ({
      heading,
      entries: entries.filter(({ name, purpose, fields }) =>
        [name, purpose, ...fields.flat()].join(" ").toLowerCase().includes(wanted),
      ),
    }))
    .filter(({ entries }) => entries.length > 0);
}
