// An order placed on one page appears on another; a cut socket loses nothing and doubles nothing.
import assert from "node:assert/strict";
import { assertAccessible, connectionIs, eventually, story } from "./console.mjs";
import {
  addNote,
  listedOrders,
  place,
  positionsOf,
  shownIds,
  shownOrders,
  shownPositions,
} from "./orders.mjs";

const PLACED_WHILE_CUT = 3;
const NOTES_WHILE_CUT = 4;

const sameAsServer = async (page) => {
  const shown = await shownOrders(page);
  assert.deepEqual(shown, await listedOrders(shown.length));
};

await story("live list", async (visitor) => {
  const placing = await (await visitor()).open("/");
  await connectionIs(placing, "Live");
  const { open, socket } = await visitor();
  const list = await open("/");
  await connectionIs(list, "Live");

  const first = await place(placing);
  await list.locator(`tr[data-order="${first}"]`).waitFor();

  const page = await open(`/orders/${encodeURIComponent(first)}`);
  await connectionIs(page, "Live");
  await page.locator("li[data-position]").first().waitFor({ state: "attached" });

  await socket.cut();
  await connectionIs(list, "Reconnecting");
  await connectionIs(page, "Reconnecting");
  const missed = [];
  for (let n = 0; n < PLACED_WHILE_CUT; n++) missed.push(await place(placing));
  for (let n = 0; n < NOTES_WHILE_CUT; n++) await addNote(first, `Written while cut, ${n}`);
  for (const id of missed) assert.equal((await shownIds(list)).includes(id), false);

  socket.mend();
  await connectionIs(list, "Live");
  await connectionIs(page, "Live");
  await eventually(() => sameAsServer(list).then(() => true), "the list as the server has it");
  await eventually(async () => {
    assert.deepEqual(await shownPositions(page), await positionsOf(first));
    return true;
  }, "the timeline as the log has it");

  await assertAccessible(list);
  await assertAccessible(page);
});
