// What every story of the playground does with its editor.
import { eventually } from "./console.mjs";

/** As text is written elsewhere: the editor shows blanks that do not break. */
export const answerText = async (page) =>
  (await page.locator(".graphiql-response .view-lines").innerText()).replaceAll("\u00a0", " ");

export const showPlugin = (page, title) =>
  page.getByRole("button", { name: `Show ${title}` }).click();

export const execute = (page) => page.getByRole("button", { name: /Execute query/ }).click();

export const stop = (page) => page.getByRole("button", { name: /Stop query/ }).click();

/** A tab bears the name of its operation once the editor has read it. */
export const tabOpened = (page, operation) =>
  page
    .locator(".graphiql-tab-active")
    .getByRole("button", { name: operation, exact: true })
    .waitFor();

/** Opens an operation of the collection in a tab of its own. */
export async function choose(page, operation) {
  await page.locator(`button[data-operation="${operation}"]`).click();
  await tabOpened(page, operation);
}

export async function run(page, operation) {
  await choose(page, operation);
  await execute(page);
}

/** What one of the entries of the menu puts into the clipboard. */
export async function copied(page, form) {
  await page.getByRole("button", { name: "Copy as a program" }).click();
  await page.getByRole("menuitem", { name: form }).click();
  await page
    .getByRole("status")
    .filter({ hasText: `Copied: ${form}` })
    .waitFor();
  return await page.evaluate(() => navigator.clipboard.readText());
}

export const answers = (page, words) =>
  eventually(async () => (await answerText(page)).includes(words), `an answer with ${words}`);
