// A demo that was begun anew is another log: a page that shows the old one reads everything again.
import { connectionIs, eventually, story } from "./console.mjs";

const isFirstEvent = (route) => route.request().postData()?.includes("query FirstEvent");

await story("another log", async (visitor) => {
  const { open, socket } = await visitor();
  const page = await open("/");
  await connectionIs(page, "Live");
  await page.evaluate(() => document.body.setAttribute("data-read", "before"));

  const marked = page.locator("body[data-read]");
  await socket.cut();
  await connectionIs(page, "Reconnecting");
  socket.mend();
  await connectionIs(page, "Live");
  await marked.waitFor();

  await page.route("**/graphql", (route) =>
    isFirstEvent(route)
      ? route.fulfill({ json: { data: { events: { nodes: [{ eventId: "of another log" }] } } } })
      : route.fallback(),
  );
  await socket.cut();
  await connectionIs(page, "Reconnecting");
  socket.mend();
  await eventually(async () => (await marked.count()) === 0, "the page read again");
  await connectionIs(page, "Live");
});
