import { post } from "./transports/post";

/** What the playground asks for itself; undefined where the server does not answer, or refuses. */
export async function readOnce<Data>(
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Data | undefined> {
  try {
    const { data } = await (await post({ query, variables }, "application/json")).json();
    return data ?? undefined;
  } catch {
    return undefined;
  }
}
