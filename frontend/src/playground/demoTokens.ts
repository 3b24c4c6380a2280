export interface DemoToken {
  role: string;
  token: string;
}

const PATH = "/demo/tokens";

/** A demo gives a token for each role; any other server does not know the path. */
export async function readDemoTokens(): Promise<readonly DemoToken[]> {
  try {
    const response = await fetch(PATH);
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return response.ok && isJson ? (await response.json()).tokens : [];
  } catch {
    return [];
  }
}
