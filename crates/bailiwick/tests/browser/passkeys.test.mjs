// Passkeys in a real browser, with the authenticator it brings for tests: from the first link to
// signing in, the locked desk, another key and a key that is refused.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, checkPage, contexts, open, start } from "./harness.mjs";

let program;
let chromium;
before(async () => {
  program = await start();
  chromium = await browser();
});
after(async () => {
  await chromium?.close();
  await program?.stop();
});

// Passkeys are bound to a name, so the desk is visited by the one it says.
const origin = () => new URL(program.setup).origin;

// A page with a security key or telephone at hand, which says yes unless told otherwise.
async function withAuthenticator(way) {
  const context = await chromium.newContext(way.options);
  const page = await open(context, origin(), way);
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  const verified = (isUserVerified) =>
    devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
  return { context, page, verified };
}

const ways = contexts().filter((way) => way.script);

test("an account with a passkey and no password", async () => {
  const { page, verified, context } = await withAuthenticator(ways[0]);
  await page.goto(program.setup);
  const make = page.getByRole("button", { name: "Use a passkey instead" });
  await make.waitFor();
  await checkPage(page, "set-up with a passkey");
  await make.click();
  await page.waitForURL(/\/accounts$/);

  await page.goto(`${origin()}/account`);
  await page.getByRole("rowheader", { name: "the first" }).waitFor();
  assert.equal(await page.getByRole("heading", { name: "Another password" }).count(), 0);
  await checkPage(page, "account with a passkey");
  await page.getByRole("link", { name: "Add a passkey" }).click();
  await page.getByRole("button", { name: "Show the one you have" }).waitFor();
  await checkPage(page, "add a passkey");

  // Locked, and opened again by the same key; not by one whose holder is not recognised.
  await page.getByRole("button", { name: "Lock" }).click();
  const unlock = page.getByRole("button", { name: "Open with a passkey" });
  await unlock.waitFor();
  await checkPage(page, "locked with a passkey");
  await verified(false);
  await unlock.click();
  await page.getByText("No passkey was given").waitFor();
  await checkPage(page, "a passkey refused");
  await verified(true);
  await unlock.click();
  await page.waitForURL(/\/accounts$/);

  await page.getByText("Administrator", { exact: true }).first().click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.waitForURL(/\/accounts$/);
  await context.close();
});

test("without a script, or at another address, nothing is said of passkeys", async () => {
  for (const way of contexts().slice(0, 4)) {
    const context = await chromium.newContext(way.options);
    const page = await open(context, program.origin, way);
    await page.goto(`${program.origin}/sign-in`);
    assert.equal(await page.getByRole("button", { name: /passkey/ }).count(), 0, way.name);
    await context.close();
  }
});
