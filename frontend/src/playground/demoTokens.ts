import { ask } from "../graphql/ask";

export interface DemoToken {
  role: string;
  token: string;
}

const PATH = "/demo/tokens";
const KEY = "orderlog:demo-tokens";

/**
 * A demo gives its admin a token for each role; any other server does not know the path.
 *
 * By a lesser role nobody is given a higher one, so what was given once is kept for this tab.
 */
export async function readDemoTokens(): Promise<readonly DemoToken[]> {
  try {
    const response = await ask(PATH);
    const isGiven = response.ok && isJson(response);
    if (isGiven) sessionStorage.setItem(KEY, JSON.stringify((await response.json()).tokens));
  } catch {
    // What is kept still counts.
  }
  return JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
}

const isJson = ({ headers }: Response): boolean =>
  headers.get("content-type")?.startsWith("application/json") ?? false;
