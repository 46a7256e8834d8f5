// What the tests of the pages share: the program on a free port, a browser that reaches nothing
// else, the ways people look at a page, and what must hold of every page.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export { base32, totp } from "./totp.mjs";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const DESKTOP = { viewport: { width: 1280, height: 800 } };
const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

// Starts the program on a free port, with a register of its own unless `data` names one. Answers
// with its `origin`, the one-time link `setup` (if it printed one), the folder `data`, what it has
// `said` so far, and `stop()`.
export async function start({ args = [], env = {}, data } = {}) {
  const own = data === undefined;
  const folder = data ?? mkdtempSync(join(tmpdir(), "bailiwick-"));
  const program = process.env.BAILIWICK ?? join(root, "target/release/bailiwick");
  const child = spawn(
    program,
    ["serve", "--data", folder, "--listen", "127.0.0.1:0", ...args],
    { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  );
  const said = [];
  const ended = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    if (own) rmSync(folder, { recursive: true, force: true });
  };
  const found = {};
  const ready = new Promise((resolve) => {
    let waiting;
    const read = (line) => {
      said.push(line);
      const match = /^(Listening on|Set up:) (http:\/\/\S+)$/.exec(line.trim());
      if (!match) return;
      found[match[1]] = match[2];
      // The link of the set-up is printed at once with the address, before it or after.
      clearTimeout(waiting);
      const both = found["Listening on"] && found["Set up:"];
      if (found["Listening on"]) waiting = setTimeout(resolve, both ? 0 : 300);
    };
    createInterface({ input: child.stdout }).on("line", read);
    createInterface({ input: child.stderr }).on("line", read);
  });
  const late = new Promise((resolve) => setTimeout(resolve, 30_000).unref());
  await Promise.race([ready, late, ended]);
  if (!found["Listening on"]) {
    await stop();
    throw new Error(`the program did not say where it listens:\n${said.join("\n")}`);
  }
  const origin = new URL(found["Listening on"]).origin;
  return { origin, setup: found["Set up:"], data: folder, said, stop };
}

// Debian's browser. Names of other machines lead nowhere, whoever asks for them.
export async function browser() {
  const args = ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"];
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
}

// The ways a page is looked at: a name, what a context is made with, and whether scripts run.
export function contexts() {
  const found = [];
  for (const [device, size] of [["desktop", DESKTOP], ["phone", PHONE]]) {
    for (const script of [true, false]) {
      for (const colorScheme of ["light", "dark"]) {
        const name = `${device}, ${colorScheme}${script ? "" : ", without JavaScript"}`;
        found.push({ name, options: { ...size, colorScheme }, script });
      }
    }
  }
  return found;
}

const watched = new WeakMap();

// A new page whose messages, policy reports and requests are kept for `checkPage`. `bypassCSP` is
// never set: the policy is tested with the rest. Scripts are turned off here and not by the
// context's own option, which could not be undone for axe.
export async function open(context, origin, { script = true } = {}) {
  const page = await context.newPage();
  const kept = { problems: [] };
  if (!script) {
    const devtools = await context.newCDPSession(page);
    kept.scripts = (on) => devtools.send("Emulation.setScriptExecutionDisabled", { value: !on });
    await kept.scripts(false);
  }
  watched.set(page, kept);
  page.on("pageerror", (error) => kept.problems.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // A form that is refused comes back with what is wrong in it, and a status that says so.
    const refused = /status of 422/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !refused) {
      kept.problems.push(message.text());
    }
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && url.origin !== origin) {
      kept.problems.push(`asked elsewhere: ${request.url()}`);
    }
  });
  page.on("requestfailed", (request) => {
    // A page left early drops its requests, which is no problem of the page.
    if (request.failure()?.errorText !== "net::ERR_ABORTED") {
      kept.problems.push(`failed: ${request.url()} (${request.failure()?.errorText})`);
    }
  });
  return page;
}

// Everything that is wrong with the page as it stands, in words; empty if nothing is.
export async function problemsOf(page) {
  const kept = watched.get(page);
  assert(kept, "the page was not made with `open`");
  const problems = [...kept.problems];
  // What `open` heard before is said once, so that the next page starts clean.
  kept.problems.length = 0;
  const size = page.viewportSize();
  // Where no script runs axe cannot either: it is let run once the page is there, when the page's
  // own scripts are past.
  await kept.scripts?.(true);
  const scheme = await page.evaluate(() =>
    matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const finding of await axeOn(page)) problems.push(`${colorScheme}: ${finding}`);
  }
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize({ width: 320, height: 800 });
  problems.push(...(await page.evaluate(overflowing)));
  await page.setViewportSize(size);
  await kept.scripts?.(false);
  return problems;
}

// Requires that nothing is wrong with the page, and takes a picture if pictures are wanted.
export async function checkPage(page, name) {
  const problems = await problemsOf(page);
  await screenshot(page, name);
  assert.deepEqual(problems, [], `${name}:\n${problems.join("\n")}`);
}

async function axeOn(page) {
  // It is put in by the browser's own door, which the page's policy does not close, and works
  // where the page itself may run no script.
  const results = await page.evaluate(
    `(() => { ${axe}; return window.axe.run(document, {
      runOnly: { type: "tag", values: ${JSON.stringify(RULES)} },
      resultTypes: ["violations"],
    }); })()`,
  );
  return results.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}

// Run in the page: what makes it wider than its window. A region that scrolls by itself may be
// wide inside.
function overflowing() {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const inside = (element) => {
    for (let at = element.parentElement; at; at = at.parentElement) {
      const { overflowX } = getComputedStyle(at);
      if (["auto", "scroll", "hidden", "clip"].includes(overflowX)) return true;
    }
    return false;
  };
  const wide = [...document.body.querySelectorAll("*")].filter(
    (element) => element.getBoundingClientRect().right > width + 1 && !inside(element),
  );
  const named = wide.slice(0, 3).map((element) => element.outerHTML.slice(0, 80));
  return [`wider than a window of 320: ${named.join(" | ")}`];
}

// A picture of the whole page, where `SHOTS` is set.
export async function screenshot(page, name) {
  if (!process.env.SHOTS) return;
  const folder = join(root, "target/screenshots");
  mkdirSync(folder, { recursive: true });
  const file = name.replace(/[^A-Za-z0-9]+/g, "-").toLowerCase();
  await page.screenshot({ path: join(folder, `${file}.png`), fullPage: true });
}

export const keyboard = {
  // Presses Tab until the element with this role and name has the focus.
  async to(page, role, name, most = 60) {
    const wanted = page.getByRole(role, { name });
    for (let pressed = 0; pressed < most; pressed += 1) {
      await page.keyboard.press("Tab");
      if (await wanted.evaluateAll((all) => all.includes(document.activeElement))) return;
    }
    assert.fail(`no ${role} \`${name}\` after ${most} times Tab`);
  },

  // What Tab reaches, in order, each as its tag and its words.
  async order(page, most = 200) {
    const found = [];
    await page.evaluate(() => document.activeElement?.blur());
    for (let pressed = 0; pressed < most; pressed += 1) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return null;
        const again = element.hasAttribute("data-tabbed");
        element.setAttribute("data-tabbed", "");
        const words = element.getAttribute("aria-label") ?? element.innerText ?? "";
        const name = words.trim() || element.getAttribute("name") || "";
        return again ? null : `${element.tagName.toLowerCase()} ${name}`.trim();
      });
      if (at === null) break;
      found.push(at);
    }
    await page.evaluate(() => {
      for (const element of document.querySelectorAll("[data-tabbed]")) {
        element.removeAttribute("data-tabbed");
      }
    });
    return found;
  },

  // Whether what has the focus shows it: by an outline that is not of the colour around it.
  async seen(page) {
    return page.evaluate(() => {
      const marked = (element) => {
        const style = getComputedStyle(element);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      };
      const element = document.activeElement;
      return marked(element) || (element.closest("label") && marked(element.closest("label")));
    });
  },
};
