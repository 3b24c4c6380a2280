import { beforeEach, expect, test, vi } from "vitest";

const open = async (hash: string) => {
  vi.resetModules();
  location.hash = hash;
  return await import("./session");
};

beforeEach(() => sessionStorage.clear());

test("the token of a link is used, kept for the tab, and gone from the address", async () => {
  const { authorization } = await open("#token=a.b.c&operation=x");
  expect(authorization()).toEqual({ authorization: "Bearer a.b.c" });
  expect(location.hash).toBe("#operation=x");
  const again = await open("");
  expect(again.authorization()).toEqual({ authorization: "Bearer a.b.c" });
});

test("without a token nothing is sent: a server that asks nobody works as ever", async () => {
  const { authorization } = await open("");
  expect(authorization()).toEqual({});
});

test("a token may be pasted bare, behind its scheme, or as the link that brings it", async () => {
  const { enter, currentSession } = await open("");
  for (const pasted of [" a.b.c\n", "Bearer a.b.c", "http://localhost:8000/#token=a.b.c"]) {
    enter(pasted);
    expect(currentSession().token).toBe("a.b.c");
  }
});

test("a refusal ends the session until another token comes", async () => {
  const { currentSession, enter, refuse, untilEntered } = await open("#token=old");
  void refuse("older");
  expect(currentSession().refused).toBe(false);
  void refuse("old");
  expect(currentSession().refused).toBe(true);
  const entered = untilEntered();
  enter("new");
  await entered;
  expect(currentSession()).toMatchObject({ token: "new", refused: false });
});
