// Counsel's day and the publisher's: laws read and compared, a year replayed, a report proposed by
// one person and published by another, and what a stranger sees.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPage, contexts } from "./harness.mjs";
import { visits } from "./house.mjs";

const { desk, as } = visits({ sample: true });

for (const way of contexts()) {
  test(`counsel reads and compares laws: ${way.name}`, async () => {
    const page = await as("counsel", way);
    await page.goto(`${desk.program.origin}/law?day=2025-03-01`);
    await checkPage(page, `the law, ${way.name}`);
    await page.locator('main a[href*="boston-trust-act"]').first().click();
    await page.waitForURL(/\/law\/text\//);
    await checkPage(page, `a law as text, ${way.name}`);
    await page.goto(`${desk.program.origin}/law/compare?before=2014-09-01&after=2025-03-01`);
    assert.match(await page.locator("main").innerText(), /before/);
    await checkPage(page, `two laws, ${way.name}`);
    await page.goto(`${desk.program.origin}/law/replay?year=2025&day=2014-09-01`);
    assert.match(await page.locator("main").innerText(), /57 requests of 2025/);
    await checkPage(page, `a year replayed, ${way.name}`);
    await page.context().close();
  });
}

test("one person proposes a report, another publishes it, a stranger reads it", async () => {
  const [way] = contexts();
  const publisher = await as("publisher", way);
  await publisher.goto(`${desk.program.origin}/report?period=2025`);
  await checkPage(publisher, "the report");
  await publisher.getByRole("button", { name: "Propose this report" }).click();
  await publisher.waitForURL(/said=proposed/);
  await checkPage(publisher, "a proposal");
  assert.equal(await publisher.getByRole("button", { name: /Count again/ }).count(), 0);
  const supervisor = await as("supervisor", way);
  await supervisor.goto(`${desk.program.origin}/report?period=2025`);
  await supervisor.getByRole("button", { name: /Count again and publish/ }).click();
  await supervisor.waitForURL(/said=published/);
  const stranger = await as(null, way);
  await stranger.goto(`${desk.program.origin}/public`);
  await checkPage(stranger, "what is public");
  await stranger.getByRole("link", { name: /^report\.csv/ }).first().waitFor();
  for (const page of [publisher, supervisor, stranger]) await page.context().close();
});

for (const way of contexts().filter((way) => way.name.startsWith("phone"))) {
  test(`the report and what is public: ${way.name}`, async () => {
    const page = await as("clerk", way);
    await page.goto(`${desk.program.origin}/report?period=2025`);
    await checkPage(page, `the report, ${way.name}`);
    await page.goto(`${desk.program.origin}/public`);
    await checkPage(page, `what is public, ${way.name}`);
    await page.context().close();
  });
}
