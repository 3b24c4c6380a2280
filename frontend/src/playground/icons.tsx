/** Drawn like those of the editor around them, on a grid of 16. */
const icon = (path: string) => () => (
  <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
    <path d={path} />
  </svg>
);

const CHECK = "M3 8.5l3.2 3.2L13 4.8";

/** As it is, or as a tick once what it stands for is done. */
const ticking =
  (path: string) =>
  ({ done }: { done: boolean }) => (
    <svg className="graphiql-toolbar-icon orderlog-stroke" viewBox="0 0 16 16" aria-hidden="true">
      <path d={done ? CHECK : path} />
    </svg>
  );

export const OperationsIcon = icon("M3 2.5h10v11l-5-3l-5 3z");
export const LogIcon = icon("M2 8h3l2-5l3 10l2-5h2");
export const AccessIcon = icon("M5 8.5a3 3 0 1 1 2.8-4H14v3h-2v2h-2v-2H7.8A3 3 0 0 1 5 8.5");
export const CatalogueIcon = icon("M2.5 3.5h4.5L8 4.5l1-1h4.5v9H9l-1 1l-1-1H2.5zM8 4.5v9");
export const LinkIcon = ticking(
  "M6.5 9.5a3 3 0 0 0 4.2 0l2-2a3 3 0 0 0-4.2-4.2l-.8.8M9.5 6.5a3 3 0 0 0-4.2 0l-2 2a3 3 0 0 0 4.2 4.2l.8-.8",
);
export const CodeIcon = ticking("M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5M9 3l-2 10");
