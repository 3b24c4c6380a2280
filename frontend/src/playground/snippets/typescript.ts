import { isStream, type Snippet, TOKEN_VARIABLE } from "./snippet";

/** A module that runs in Node and in a browser as it stands; only streams need the package graphql-ws. */
export const asTypeScript = (snippet: Snippet): string =>
  isStream(snippet.query) ? following(snippet) : asking(snippet);

const asking = (snippet: Snippet): string => `${constants(snippet)}
const response = await fetch(${JSON.stringify(snippet.url)}, {
  method: "POST",
  headers: {
    "content-type": "application/json",${snippet.bearer ? `\n    authorization: ${token},` : ""}
  },
  body: JSON.stringify({ query, variables }),
});
console.log(JSON.stringify(await response.json(), null, 2));
`;

const following = (snippet: Snippet): string => `import { createClient } from "graphql-ws";

${constants(snippet)}
const client = createClient({
  url: ${JSON.stringify(snippet.url.replace(/^http/, "ws"))},${
    snippet.bearer ? `\n  connectionParams: { authorization: ${token} },` : ""
  }
});
for await (const message of client.iterate({ query, variables })) {
  console.log(JSON.stringify(message));
}
`;

const token = `\`Bearer \${process.env.${TOKEN_VARIABLE}}\``;

const constants = ({ query, variables }: Snippet): string => `const query = \`
${query.trim().replaceAll(/[\\`$]/g, "\\$&")}
\`;
const variables = ${JSON.stringify(variables ?? {}, null, 2)};
`;
