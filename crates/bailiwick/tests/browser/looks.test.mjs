// Who looked: a clerk looks at what is private of a matter, an auditor at who looked; and counsel
// has a year replayed with what is private.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPage, contexts } from "./harness.mjs";
import { get, mark, post, visits } from "./house.mjs";

const { desk, as } = visits();
const YEAR = new Date().getUTCFullYear() - 1;

// A clerk records a request and looks at what is private of it; the number of the matter.
async function looked() {
  const { program, people: { clerk: { cookie } } } = desk;
  const csrf = mark(await get(program, "/intake/new", cookie));
  const request = {
    csrf, channel: "desk", day: `${YEAR}-06-02`, action: "hold", "f.basis": "detainer",
  };
  const made = await post(program, "/intake/new", request, cookie);
  assert.equal(made.status, 303, await made.text());
  const path = new URL(made.headers.get("location"), program.origin).pathname;
  const why = { csrf, why: "a reply to the council" };
  assert.equal((await post(program, `${path}/private`, why, cookie)).status, 200);
  return path.split("/").pop();
}

for (const way of contexts()) {
  test(`who looked at a matter: ${way.name}`, async () => {
    const matter = await looked();
    const { origin } = desk.program;
    const page = await as("auditor", way);
    const show = page.getByRole("button", { name: /^Show who looked/ });
    await page.goto(`${origin}/`);
    await page.getByRole("link", { name: "Who looked", exact: true }).click();
    await page.waitForURL(/\/looks$/);
    assert.equal(await page.getByText("a reply to the council").count(), 0);
    await checkPage(page, `who looked, not shown yet, ${way.name}`);
    await page.getByLabel(/^Matter or audit/).fill("none");
    await page.getByLabel("Why you look").fill("a review of looks");
    await show.click();
    await page.locator(".desk-errors").waitFor();
    await checkPage(page, `who looked at what is none, ${way.name}`);
    await page.getByLabel(/^Matter or audit/).fill("");
    await show.click();
    await page.getByRole("table").waitFor();
    await checkPage(page, `who looked, all, ${way.name}`);

    await page.goto(`${origin}/register/${matter}`);
    await page.getByRole("link", { name: `Who looked at matter ${matter}` }).click();
    await page.waitForURL(/matter=\d+$/);
    await page.getByLabel("Why you look").fill("a review of looks");
    await show.click();
    const row = page.getByRole("row", { name: /a reply to the council/ });
    assert.match(await row.innerText(), /The clerk \(clerk\): clerk/);
    await checkPage(page, `who looked at a matter, ${way.name}`);
    await page.getByRole("link", { name: `Matter ${matter}` }).first().click();
    await page.waitForURL(new RegExp(`/register/${matter}$`));
    await page.getByRole("link", { name: "Looked at once" }).waitFor();
    await checkPage(page, `a matter that was looked at, ${way.name}`);
    await page.context().close();
  });
}

for (const way of contexts()) {
  test(`a year replayed with private facts: ${way.name}`, async () => {
    await looked();
    const page = await as("counsel", way);
    const replay = page.getByRole("button", { name: /^Replay with private facts/ });
    await page.goto(`${desk.program.origin}/law/replay?year=${YEAR}&day=2015-01-01`);
    await checkPage(page, `a year replayed, ${way.name}`);
    await page.getByLabel("Why you look").fill("no");
    await replay.click();
    await page.locator(".usa-error-message").waitFor();
    await checkPage(page, `a year not replayed without a reason, ${way.name}`);
    await page.getByLabel("Why you look").fill("a report to the council");
    await replay.click();
    await page.getByText("Public and private facts are used").waitFor();
    assert.match(await page.locator("main").innerText(), /is recorded as entry \d+/);
    await checkPage(page, `a year replayed with private facts, ${way.name}`);
    await page.context().close();
  });
}
