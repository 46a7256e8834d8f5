// An officer's day: from the first question to the receipt, with one thumb or with the keyboard.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPage, contexts, keyboard, totp } from "./harness.mjs";
import { visits } from "./house.mjs";

const { desk, as } = visits();

// Answers of a case that Boston's ordinance of 2019 forbids: a detainer and nothing else.
const ANSWERS = {
  "criminal warrant": "no",
  "Which paper": "an immigration detainer",
  "want it for": "civil immigration",
  "criminal charge": "no",
  "walk out": "yes",
};

async function answer(page) {
  for (let asked = 0; asked < 8; asked += 1) {
    if (await page.locator(".desk-outcome").count()) return asked;
    const question = await page.locator("h1").innerText();
    const key = Object.keys(ANSWERS).find((part) => question.includes(part));
    assert(key, `a question that was not expected: ${question}`);
    const buttons = page.locator(".desk-answers button");
    const labels = await buttons.allInnerTexts();
    const at = labels.findIndex((label) => label.toLowerCase().startsWith(ANSWERS[key]));
    assert(at >= 0, `${question}: ${labels.join(" | ")}`);
    await buttons.nth(at).click();
  }
  throw new Error("eight questions were not enough");
}

for (const way of contexts()) {
  test(`an officer asks whether to hold: ${way.name}`, async () => {
    const page = await as("officer", way);
    await page.goto(`${desk.program.origin}/`);
    await checkPage(page, `may we, ${way.name}`);
    await page.getByRole("link", { name: /keep/ }).click();
    await checkPage(page, `a question, ${way.name}`);
    const asked = await answer(page);
    assert(asked <= 4, `${asked} questions`);
    assert.match(await page.locator(".desk-outcome__word").innerText(), /Must not/);
    await checkPage(page, `the answer, ${way.name}`);
    await page.getByRole("button", { name: "Record it" }).click();
    await page.waitForURL(/\/register\/\d+/);
    assert.match(await page.locator("#flash").innerText(), /Recorded/);
    await page.context().close();
  });
}

test("a hold is settled with the keyboard alone", async () => {
  const [way] = contexts();
  const page = await as("officer", way);
  await page.goto(`${desk.program.origin}/may-we`);
  await keyboard.to(page, "link", /keep/);
  await page.keyboard.press("Enter");
  await page.waitForURL(/may-we\/hold/);
  await keyboard.to(page, "button", "Not known");
  await page.keyboard.press("Enter");
  await page.waitForURL(/n=/);
  await page.context().close();
});

test("signing in, locking and opening the desk again", async () => {
  const [way] = contexts();
  const page = await as(null, way);
  const { secret, password } = desk.people.clerk;
  await page.goto(`${desk.program.origin}/register`);
  await page.waitForURL(/sign-in/);
  await checkPage(page, "sign in");
  const fill = async () => {
    // A code counts once; the one of the half minute in which the account was made is used.
    const used = totp(secret);
    while (totp(secret) === used) await new Promise((later) => setTimeout(later, 500));
    await page.getByLabel("Password").fill(password);
    await page.getByLabel("Code from your authenticator").fill(totp(secret));
  };
  await page.getByLabel("Name to sign in with").fill("clerk");
  await fill();
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/may-we/);
  await page.getByRole("button", { name: "Lock" }).click();
  await page.waitForURL(/locked/);
  await checkPage(page, "the locked desk");
  await page.goto(`${desk.program.origin}/register`);
  await page.waitForURL(/locked/);
  await fill();
  await page.getByRole("button", { name: "Open the desk" }).click();
  await page.waitForURL(/may-we/);
  await page.context().close();
});

for (const way of contexts().filter((way) => way.script)) {
  test(`the keeper of the accounts: ${way.name}`, async () => {
    const page = await as("administrator", way);
    await page.goto(`${desk.program.origin}/accounts`);
    await checkPage(page, `accounts, ${way.name}`);
    await page.getByText("Change the account of The clerk").click();
    await checkPage(page, `an account, ${way.name}`);
    await page.context().close();
  });
}

test("in print there is the answer, black on white, and nothing to press", async () => {
  const way = contexts().find((way) => way.name === "desktop, dark");
  const page = await as("officer", way);
  await page.goto(`${desk.program.origin}/may-we/hold`);
  await answer(page);
  await page.emulateMedia({ media: "print" });
  assert(await page.locator(".desk-outcome").isVisible());
  for (const part of [".desk-nav", ".desk-person", ".desk-lock", ".desk-form"]) {
    assert.equal(await page.locator(part).first().isVisible(), false, part);
  }
  const [ink, paper] = await page.evaluate(() => {
    const style = getComputedStyle(document.documentElement);
    return [getComputedStyle(document.querySelector("h1")).color, style.backgroundColor];
  });
  assert.deepEqual([ink, paper], ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
  const pdf = await page.pdf();
  assert(pdf.length > 10_000);
  await page.context().close();
});
