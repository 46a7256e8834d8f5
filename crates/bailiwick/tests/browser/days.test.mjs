// Each role from signing in by the form to signing out: every page that its navigation leads to.
// What is done on those pages is in the tests of the officer, the clerk, the auditor and the law.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPage, contexts, totp } from "./harness.mjs";
import { ROLES, visits } from "./house.mjs";

const { desk, as } = visits({ sample: true });

// A code that was not used before: each counts once, and the first was used for the account.
async function fresh(person) {
  while (totp(person.secret) === person.code) await new Promise((on) => setTimeout(on, 500));
  person.code = totp(person.secret);
  return person.code;
}

async function signIn(page, role) {
  await page.goto(`${desk.program.origin}/`);
  await page.getByLabel("Name to sign in with").fill(role === "administrator" ? "admin" : role);
  await page.getByLabel("Password").fill(desk.people[role].password);
  await page.getByLabel("Code from your authenticator").fill(await fresh(desk.people[role]));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(/\/(may-we|accounts)$/);
}

const ways = contexts().filter((way) =>
  ["desktop, light", "phone, dark, without JavaScript"].includes(way.name));
assert.equal(ways.length, 2);

for (const way of ways) {
  for (const role of ROLES) {
    test(`the ${role} from signing in to signing out: ${way.name}`, async () => {
      const page = await as(null, way);
      await signIn(page, role);
      const links = page.getByRole("navigation", { name: "Desk" }).getByRole("link");
      const paths = await links.evaluateAll((all) => all.map((link) => link.pathname));
      assert(paths.length >= 2, `${paths}`);
      for (const path of [...paths, "/account"]) {
        const response = await page.goto(desk.program.origin + path);
        assert.equal(response.status(), 200, path);
        await checkPage(page, `${role}, ${path}, ${way.name}`);
      }
      await page.locator(".desk-person summary").click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.waitForURL(/sign-in/);
      // Signed out, every one of those pages is shut again.
      await page.goto(desk.program.origin + paths[0]);
      await page.waitForURL(/sign-in/);
      await page.context().close();
    });
  }
}
