import { authorization, currentSession, refuse } from "./session";

export const url = new URL("/graphql", location.href).href;
export const socketUrl = url.replace(/^http/, "ws");

/** As `fetch`, with the token of this page; a server that refuses it ends the session. */
export async function ask(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const { token } = currentSession();
  const headers = { ...Object.fromEntries(new Headers(init.headers)), ...authorization() };
  const response = await fetch(input, { ...init, headers });
  if (response.status === 401) void refuse(token);
  return response;
}
