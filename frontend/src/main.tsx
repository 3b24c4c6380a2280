import "@mantine/core/styles.css";
import "./app/console.css";
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "urql";
import { App } from "./app/App";
import { cssVariables, theme } from "./app/theme";
import { client } from "./graphql/client";
import { watchBearer } from "./graphql/sameBearer";
import { watchLog } from "./graphql/sameLog";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

watchLog();
watchBearer();
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Provider value={client}>
        <App />
      </Provider>
    </MantineProvider>
  </StrictMode>,
);
