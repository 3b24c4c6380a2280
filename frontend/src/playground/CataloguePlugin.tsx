import type { GraphiQLPlugin } from "@graphiql/react";
import { useState } from "react";
import page from "../../../platform/EVENTS.md?raw";
import sdl from "../../../schema/schema.graphql?url";
import { collection } from "./collection";
import { type CatalogueEntry, readCatalogue, searched } from "./eventCatalogue";
import { CatalogueIcon } from "./icons";
import { useOpen } from "./useOpen";

const groups = readCatalogue(page);
const eventsQuery = collection.find(({ name }) => name === "Events");

function Catalogue() {
  const [words, setWords] = useState("");
  return (
    <div className="orderlog-plugin">
      <h2>Events and schema</h2>
      <p>
        <a href={sdl} download="schema.graphql">
          Download the schema (SDL)
        </a>
      </p>
      <input
        type="search"
        aria-label="Search events"
        placeholder="Search events"
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      {searched(groups, words).map(({ heading, entries }) => (
        <section key={heading}>
          <h3>{heading}</h3>
          {entries.map((entry) => (
            <Entry key={entry.name} entry={entry} />
          ))}
        </section>
      ))}
    </div>
  );
}

function Entry({ entry }: { entry: CatalogueEntry }) {
  const { name, purpose, reactions, fields } = entry;
  const open = useOpen();
  const variables = JSON.stringify({ after: "0", first: 20, types: [name] }, null, 2);
  return (
    <details className="orderlog-entry" data-event={name}>
      <summary>
        <strong>{name}</strong>
        {purpose && <small>{purpose}</small>}
      </summary>
      <dl className="orderlog-facts">
        {fields.map(([field, type]) => (
          <div key={field}>
            <dt>
              <code>{field}</code>
            </dt>
            <dd>{type}</dd>
          </div>
        ))}
      </dl>
      {reactions && <p className="orderlog-small">{reactions}</p>}
      {reactions && eventsQuery && (
        <button type="button" onClick={() => open?.(eventsQuery.text, variables)}>
          Ask for these events
        </button>
      )}
    </details>
  );
}

export const cataloguePlugin: GraphiQLPlugin = {
  title: "Events and schema",
  icon: CatalogueIcon,
  content: Catalogue,
};
