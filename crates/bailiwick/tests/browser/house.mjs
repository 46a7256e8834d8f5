// A desk with somebody of each role, set up the way its people do it, but without a browser.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { browser, open, start, totp } from "./harness.mjs";

export const ROLES = [
  "officer", "clerk", "supervisor", "counsel", "auditor", "publisher", "administrator",
];
const PASSWORD = "a sentence that is long";

// Starts the program, makes the accounts, and answers with the program, a browser's cookies and the
// authenticator's letters by role. With `sample` the register has the sample year.
async function house({ sample = false, args = [] } = {}) {
  const program = await start({ args });
  try {
    const admin = await accept(program, new URL(program.setup).pathname, sample);
    const people = { administrator: admin };
    for (const role of ROLES.filter((role) => role !== "administrator")) {
      const accounts = await get(program, "/accounts", admin.cookie);
      const fields = { csrf: mark(accounts), login: role, name: `The ${role}`, role };
      const made = await post(program, "/accounts", fields, admin.cookie);
      people[role] = await accept(program, /\/set-up\/\w+/.exec(await made.text())[0], false);
    }
    return { program, people };
  } catch (error) {
    await program.stop();
    throw error;
  }
}

// Opens a desk and a browser for all tests of a file. `desk` has the program and its people once
// the tests run; `as(role, way)` is a page of somebody, or of a stranger.
export function visits(options) {
  const desk = {};
  let chromium;
  before(async () => {
    Object.assign(desk, await house(options));
    chromium = await browser();
  });
  after(async () => {
    await chromium?.close();
    await desk.program?.stop();
  });
  const as = async (role, way) => {
    const context = await chromium.newContext(way.options);
    if (role) await context.addCookies(cookies(desk.program, desk.people[role]));
    return open(context, desk.program.origin, way);
  };
  return { desk, as };
}

// Cookies for a browser's context.
function cookies(program, person) {
  const [name, value] = person.cookie.split("=");
  return [{ name, value, url: program.origin, httpOnly: true, sameSite: "Lax" }];
}

export async function get(program, path, cookie) {
  const response = await fetch(program.origin + path, { headers: { cookie } });
  assert.equal(response.status, 200, `${path}: ${response.status}`);
  return response.text();
}

export function post(program, path, fields, cookie) {
  return fetch(program.origin + path, {
    method: "POST",
    headers: { ...(cookie ? { cookie } : {}), origin: program.origin },
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
}

export const mark = (html) => /name="csrf" value="(\w+)"/.exec(html)[1];

// Accepts an invitation, as the page asks for it; with the code that was used up by that.
async function accept(program, path, sample) {
  const secret = /name="secret" value="(\w+)"/.exec(await get(program, path, ""))[1];
  const code = totp(secret);
  const fields = { password: PASSWORD, again: PASSWORD, secret, code };
  if (sample) fields.sample = "yes";
  const response = await post(program, path, fields);
  assert.equal(response.status, 303, await response.text());
  const cookie = response.headers.get("set-cookie").split(";")[0];
  return { cookie, secret, code, password: PASSWORD };
}
