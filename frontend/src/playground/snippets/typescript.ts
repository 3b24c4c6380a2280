import { isStream, type Snippet, TOKEN_VARIABLE } from "./snippet";

/** A module that runs in Node as it stands; a subscription comes as an event stream over HTTP. */
export function asTypeScript({ url, query, variables, bearer }: Snippet): string {
  const stream = isStream(query);
  const headers = [
    '"content-type": "application/json",',
    ...(stream ? ['accept: "text/event-stream",'] : []),
    ...(bearer ? [`authorization: \`Bearer \${process.env.${TOKEN_VARIABLE}}\`,`] : []),
  ];
  return `const query = \`
${query.trim().replaceAll(/[\\`$]/g, "\\$&")}
\`;
const variables = ${JSON.stringify(variables ?? {}, null, 2)};

const response = await fetch(${JSON.stringify(url)}, {
  method: "POST",
  headers: {
    ${headers.join("\n    ")}
  },
  body: JSON.stringify({ query, variables }),
});
${stream ? EVENTS : ANSWER}`;
}

const ANSWER = `console.log(JSON.stringify(await response.json(), null, 2));
`;

const EVENTS = `if (!response.body) throw new Error("There is no stream.");

let text = "";
for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
  const lines = (text + chunk).split(/\\r?\\n/);
  text = lines.pop() ?? "";
  for (const line of lines) {
    if (line.startsWith("data: {")) console.log(line.slice("data: ".length));
  }
}
`;
