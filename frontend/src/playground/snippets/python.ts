import { isStream, type Snippet, TOKEN_VARIABLE } from "./snippet";

/** A program that needs Python alone; a subscription comes as an event stream over HTTP. */
export function asPython({ url, query, variables, bearer }: Snippet): string {
  const stream = isStream(query);
  const headers = [
    '"content-type": "application/json",',
    ...(stream ? ['"accept": "text/event-stream",'] : []),
    ...(bearer ? [`"authorization": f"Bearer {os.environ['${TOKEN_VARIABLE}']}",`] : []),
  ];
  return `import json
${bearer ? "import os\n" : ""}from urllib.request import Request, urlopen

QUERY = ${text(`\n${query.trim()}\n`)}
VARIABLES = json.loads(${text(JSON.stringify(variables ?? {}, null, 2))})

request = Request(
    ${JSON.stringify(url)},
    json.dumps({"query": QUERY, "variables": VARIABLES}).encode(),
    {
        ${headers.join("\n        ")}
    },
)
with urlopen(request) as response:
${stream ? EVENTS : ANSWER}`;
}

const ANSWER = `    print(json.dumps(json.load(response), indent=2))
`;

const EVENTS = `    for line in response:
        if line.startswith(b"data: {"):
            print(json.loads(line.removeprefix(b"data: ")), flush=True)
`;

/** A literal over several lines, with the quotes and backslashes that the text itself has. */
const text = (content: string): string =>
  `"""${content.replaceAll("\\", "\\\\").replaceAll('"""', '\\"\\"\\"')}"""`;
