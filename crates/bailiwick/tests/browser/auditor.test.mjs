// An auditor's day and a supervisor's: a log is sent in, its leads are read, an officer is heard,
// and another person closes the lead.
import assert from "node:assert/strict";
import { createWriteStream, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkPage, contexts, keyboard, open } from "./harness.mjs";
import { visits } from "./house.mjs";

const { desk, as } = visits({ args: ["--agency", "us-il-county-sheriff"] });

const HEADER = "Name, Org Name, Total Networks Searched, Total Devices Searched, Time Frame, " +
  "License Plate, Reason, Case #, Filters, Search Time, Search Type, Text Prompt, Moderation\r\n";
const row = (agency, reason, time) =>
  `A. PERSON,${agency},12,40,"06/01/2025, 01:00:00 AM UTC\n06/03/2025, 01:00:00 AM UTC",` +
  `ABC123,${reason},,,"${time} UTC",lookup,,\r\n`;

// Two leads: a reason that names immigration, and an agency of another state. Every way has its own
// day: what was audited twice has the same leads, and a lead that was closed is closed in both.
const log = (day) => HEADER +
  row("Example IL PD", "stolen vehicle", `06/0${day}/2025, 01:15:00 PM`) +
  row("Example IL PD", "ICE WARRANT", `06/0${day}/2025, 02:15:00 PM`) +
  row("Far Town TX PD", "burglary", `06/0${day}/2025, 03:15:00 PM`) +
  "x,y\r\n";

// Waits for the end of an audit: by itself where scripts run, by looking again where none do.
async function ended(page, way) {
  const link = page.getByRole("link", { name: /To the leads for review/ });
  for (let looked = 0; looked < 120; looked += 1) {
    if (await link.count()) return link;
    if (way.script) await link.waitFor({ timeout: 60_000 });
    else await page.getByRole("link", { name: "Look again" }).click();
  }
  throw new Error("the audit did not end");
}

for (const [at, way] of contexts().entries()) {
  test(`from a log to a closed lead: ${way.name}`, async () => {
    const page = await as("auditor", way);
    await page.goto(`${desk.program.origin}/`);
    await page.getByRole("link", { name: "Audit", exact: true }).click();
    await checkPage(page, `audits, ${way.name}`);
    const draw = page.getByRole("button", { name: "Draw a seed" });
    if (await draw.count()) await draw.click();
    await page.getByLabel(/Rows to draw/).fill("two");
    await page.getByText("Thresholds of the agency's own rule").click();
    await page.getByRole("button", { name: "Audit the logs" }).click();
    await page.locator(".desk-errors").waitFor();
    await checkPage(page, `an audit that cannot be, ${way.name}`);

    const file = { name: "log.csv", mimeType: "text/csv", buffer: Buffer.from(log(at + 1)) };
    await page.getByLabel("Logs to send in").setInputFiles([file]);
    await page.getByLabel(/What the logs call/).fill("Example IL PD");
    await page.getByLabel(/Rows to draw/).fill("2");
    await page.getByRole("button", { name: "Audit the logs" }).click();
    await page.waitForURL(/progress/);
    const link = await ended(page, way);
    await checkPage(page, `an audit that has ended, ${way.name}`);
    await link.click();
    await page.waitForURL(/\/audit\/\d+$/);
    assert.match(await page.locator("main").innerText(), /2 of 2 leads/);
    assert.equal(await page.getByRole("button", { name: /Close/ }).count(), 0);
    await checkPage(page, `the leads of an audit, ${way.name}`);
    const queue = new URL(page.url()).pathname;
    await page.context().close();

    await closes(await as("supervisor", way), queue, way);
  });
}

async function closes(page, queue, way) {
  await page.goto(desk.program.origin + queue);
  await page.getByLabel(/^Test/).selectOption("purpose");
  await page.getByRole("button", { name: "Show these" }).click();
  await page.waitForURL(/test=purpose/);
  await page.getByRole("link", { name: /^[0-9a-f]{12}$/ }).click();
  await page.waitForURL(/\/audit\/\d+\/[0-9a-f]{12}/);
  await checkPage(page, `a lead, ${way.name}`);
  const close = async (result) => {
    await page.locator("label.desk-tile", { hasText: result }).first().click();
    await page.getByLabel("Why").fill("The case file was read.");
    await page.getByRole("button", { name: "Close the lead" }).click();
  };
  await close("It happened, and was not permitted.");
  await page.locator(".desk-errors").waitFor();
  assert.match(await page.locator(".desk-errors").innerText(), /nobody was heard/);
  await checkPage(page, `a lead that cannot be sustained yet, ${way.name}`);
  await page.getByLabel("What the officer said").fill("The wrong line was chosen.");
  await page.getByRole("button", { name: "Record what was said" }).click();
  await page.waitForURL(/said=recorded/);
  await close("It happened, and was permitted.");
  await page.getByText("Closed: exonerated").waitFor();
  await checkPage(page, `a closed lead, ${way.name}`);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.goto(desk.program.origin + queue).then(() =>
      page.getByRole("link", { name: "public.json" }).click()),
  ]);
  assert.match(download.suggestedFilename(), /^audit-\d+-public\.json$/);
  await page.context().close();
}

// So many, and each with a reason that has to be read anew, that the page of the progress is there
// for some seconds.
async function long(name, rows) {
  if (existsSync(join(desk.program.data, "logs", name))) return;
  mkdirSync(join(desk.program.data, "logs"), { recursive: true });
  const file = createWriteStream(join(desk.program.data, "logs", name));
  file.write(HEADER);
  const two = (number) => String(number).padStart(2, "0");
  for (let at = 0; at < rows; at += 10_000) {
    let some = "";
    for (let n = at; n < at + 10_000; n += 1) {
      const [day, hour, minute] = [Math.floor(n / 720) % 28, Math.floor(n / 60) % 12, n % 60];
      const time = `06/${two(day + 1)}/2025, ${two(hour + 1)}:${two(minute)}:00 PM`;
      some += row("Example IL PD", `theft ${n}`, time);
    }
    if (!file.write(some)) await new Promise((ready) => file.once("drain", ready));
  }
  await new Promise((ready) => file.end(ready));
}

test("the progress of a long audit", async () => {
  await long("long.csv", 4_000_000);
  for (const way of [contexts()[0], contexts()[2]]) {
    const page = await as("auditor", way);
    await page.goto(`${desk.program.origin}/audit`);
    await page.locator("label.desk-tile", { hasText: "long.csv" }).click();
    await page.getByRole("button", { name: "Audit the logs" }).click();
    await page.waitForURL(/progress/);
    await page.locator("progress").waitFor();
    await checkPage(page, `an audit that runs, ${way.name}`);
    await page.goto(`${desk.program.origin}/audit`);
    if (way.script) {
      // What is said aloud is said once for each tenth, and at the end.
      await page.getByText("The audit is recorded", { exact: true }).waitFor({ timeout: 60_000 });
      assert.match(await page.locator("#progress-said").textContent(), /recorded as entry \d+/);
      await checkPage(page, "an audit that has ended while the page was open");
    }
    await page.goto(`${desk.program.origin}/audit/progress`);
    await ended(page, way);
    await page.context().close();
  }
});

test("an audit that is cancelled", async () => {
  await long("long.csv", 4_000_000);
  for (const way of [contexts()[0], contexts()[4], contexts()[2]]) {
    const page = await as("auditor", way);
    await page.goto(`${desk.program.origin}/audit`);
    await page.locator("label.desk-tile", { hasText: "long.csv" }).click();
    await page.getByRole("button", { name: "Audit the logs" }).click();
    await page.waitForURL(/progress/);
    await page.getByRole("button", { name: "Cancel this audit" }).click();
    const said = page.getByRole("heading", { name: "The audit was cancelled" });
    for (let looked = 0; looked < 120 && !(await said.count()); looked += 1) {
      if (way.script) await said.waitFor({ timeout: 60_000 });
      else await page.getByRole("link", { name: "Look again" }).click();
    }
    assert.equal(await said.count(), 1);
    assert.equal(await page.getByRole("button", { name: "Cancel this audit" }).count(), 0);
    await checkPage(page, `an audit that was cancelled, ${way.name}`);
    await page.context().close();
  }
});

test("a page that asks by itself, at a desk that was locked", async () => {
  const [way] = contexts();
  const auditor = await as("auditor", way);
  await auditor.goto(`${desk.program.origin}/audit`);
  await auditor.locator("label.desk-tile", { hasText: "long.csv" }).click();
  await auditor.getByRole("button", { name: "Audit the logs" }).click();
  await auditor.waitForURL(/progress/);
  const left = await as("supervisor", way);
  await left.goto(`${desk.program.origin}/audit`);
  await left.locator("progress").waitFor();
  const other = await left.context().newPage();
  await other.goto(`${desk.program.origin}/audit`);
  await other.getByRole("button", { name: "Lock" }).click();
  await other.waitForURL(/locked/);
  // Nothing more is said there, and the page of the locked desk does not come into it.
  await left.locator("progress").waitFor({ state: "detached" });
  assert.equal(await left.locator("header").count(), 1);
  assert.equal(await left.getByLabel("Password").count(), 0);
  await left.context().close();
  await ended(auditor, way);
  await auditor.context().close();
});

test("the leads are reached with the keyboard alone", async () => {
  const [way] = contexts();
  const page = await as("counsel", way);
  await page.goto(`${desk.program.origin}/audit`);
  await keyboard.to(page, "link", /^Audit \d+$/);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/audit\/\d+/);
  await page.context().close();
});
