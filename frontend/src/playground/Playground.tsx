import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { accessPlugin } from "./AccessPlugin";
import { cataloguePlugin } from "./CataloguePlugin";
import { CopyMenu } from "./CopyMenu";
import { firstOperation } from "./collection";
import { fetcher } from "./fetcher";
import { OpenLinks } from "./OpenLinks";
import { operationsPlugin } from "./OperationsPlugin";
import { ReadSchemaAgain } from "./ReadSchemaAgain";
import { RunFacts } from "./RunFacts";
import { SessionNotice } from "./SessionNotice";
import { subscriptionLogPlugin } from "./SubscriptionLogPlugin";
import { readShareHash } from "./share";

const shared = readShareHash(location.hash);

// A list of plugins replaces GraphiQL's own, so history has to be named as well.
const plugins = [
  operationsPlugin,
  subscriptionLogPlugin,
  accessPlugin,
  cataloguePlugin,
  HISTORY_PLUGIN,
];

export const Playground = () => (
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    visiblePlugin={operationsPlugin}
    {...(shared && { initialQuery: shared.query, initialVariables: shared.variables ?? "" })}
    {...(firstOperation && { defaultQuery: firstOperation.text })}
    defaultEditorToolsVisibility="variables"
    // Its history would keep what is typed there, and that would be a token: "Access" sends it.
    isHeadersEditorEnabled={false}
    shouldPersistHeaders={false}
  >
    <GraphiQL.Logo>
      <h1 className="orderlog-hidden">Playground</h1>
      <a href={shared?.from ?? "/"} className="orderlog-logo">
        ← orderlog
      </a>
      <OpenLinks />
      <ReadSchemaAgain />
    </GraphiQL.Logo>
    <GraphiQL.Toolbar>
      {({ prettify, copy }) => (
        <>
          {prettify}
          {copy}
          <CopyMenu />
        </>
      )}
    </GraphiQL.Toolbar>
    <GraphiQL.Footer>
      <SessionNotice />
      <RunFacts />
    </GraphiQL.Footer>
  </GraphiQL>
);
