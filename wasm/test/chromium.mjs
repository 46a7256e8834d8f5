// The module in Chromium, against the program: on a page that is served from here and from nowhere
// else, and that answers with the network gone.
//
//   node chromium.mjs MODULE CASES
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, devices } from "playwright-core";

const [folder, cases] = process.argv.slice(2);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const served = new Map([
  ["/", [here("page.html"), "text/html"]],
  ["/page.mjs", [here("page.mjs"), "text/javascript"]],
  ["/compare.mjs", [here("compare.mjs"), "text/javascript"]],
  ["/bailiwick.js", [resolve(folder, "bailiwick.js"), "text/javascript"]],
  ["/bailiwick_bg.wasm", [resolve(folder, "bailiwick_bg.wasm"), "application/wasm"]],
  ["/cases.json", [cases, "application/json"]],
]);
const server = createServer((request, response) => {
  const found = served.get(request.url);
  if (!found) {
    // A browser asks for an icon by itself.
    response.writeHead(request.url === "/favicon.ico" ? 204 : 404).end();
    return;
  }
  const [file, type] = found;
  // As strict as a page with the module can be: nothing from elsewhere, nothing inline.
  const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
  response.writeHead(200, { "content-type": type, "content-security-policy": policy });
  response.end(readFileSync(file));
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const origin = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // Names of other machines lead nowhere, whoever asks for them.
  args: ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"],
});
try {
  await onPage("a desktop's page", {}, 1);
  // Not a phone: its screen, its touch and its name, and a processor at a quarter of the speed.
  await onPage("a phone's page", devices["Pixel 7"], 4);
} finally {
  await browser.close();
  server.close();
}

async function onPage(name, device, slower) {
  const context = await browser.newContext(device);
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => problems.push(message.text()));
  page.on("request", (request) => {
    if (!served.has(request.url().replace(origin, "/"))) problems.push(request.url());
  });
  await page.goto(origin);
  await page.waitForFunction(() => window.answers);
  await context.setOffline(true);
  const devtools = await context.newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: slower });
  const first = await page.evaluate(() => window.first());
  const { asked, wrong, memory } = await page.evaluate(() => window.answers());
  assert.deepEqual(problems, []);
  assert(asked > 1000, `only ${asked} questions`);
  assert.deepEqual(wrong, [], wrong.slice(0, 5).join("\n\n"));
  await context.close();
  console.log(
    `${asked} answers on ${name} in Chromium ${browser.version()} are the program's, byte for ` +
      `byte;\n  first answer after ${first.toFixed(0)} ms` +
      `${slower > 1 ? ` (${slower} times slowed)` : ""}, ${(memory / 1e6).toFixed(1)} MB of memory`,
  );
}
