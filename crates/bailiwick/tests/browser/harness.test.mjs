// The harness itself: that it sees what is wrong with a page, each fault planted once, and finds
// nothing where nothing is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, checkPage, contexts, keyboard, open, problemsOf } from "./harness.mjs";
import { serve } from "./serve.mjs";

const page = (body) => `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>A page</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/static/uswds.css">
<link rel="stylesheet" href="/static/desk.css"></head><body><main id="main">
<h1>A page</h1>${body}</main></body></html>`;

// A fault, and what the harness has to say of it. A colour can be planted without a style of its
// own, which the policy would refuse, by an old attribute.
const faults = {
  "text of low contrast": ['<p><font color="#cccccc">pale</font></p>', /color-contrast/],
  "a field without a label": ['<input class="usa-input" name="x">', /label/],
  "an inline script": ["<script>document.title = 'x'</script>", /Content Security Policy/],
  "an inline style": ['<p style="color: red">x</p>', /Content Security Policy/],
  "a page that is too wide": ['<table width="900"><tr><td>wide</td></tr></table>', /wider than/],
  "a picture from elsewhere": [
    '<img alt="x" src="http://other.example/x.png">', /elsewhere|Content Security Policy/,
  ],
  "a missing file": ['<img alt="x" src="/static/none.png">', /404/],
};
const good = page(`<p>Good, with a <a class="usa-link" href="#main">link</a>.</p>
<label class="usa-label" for="x">A name</label><input class="usa-input" id="x" name="x">
<button class="usa-button">Send</button>`);
const paths = Object.fromEntries(Object.keys(faults).map((name, at) => [name, `/fault-${at}`]));

let chromium;
let server;
before(async () => {
  const pages = {
    "/good": good,
    "/script": page('<script src="/title.js"></script>'),
    "/title.js": 'document.title = "ran";',
  };
  for (const [name, [body]] of Object.entries(faults)) pages[paths[name]] = page(body);
  server = await serve(pages);
  chromium = await browser();
});
after(async () => {
  await chromium?.close();
  await server?.stop();
});

async function onPage(path, { options, script }, look) {
  const context = await chromium.newContext(options);
  try {
    const opened = await open(context, server.origin, { script });
    await opened.goto(server.origin + path, { waitUntil: "load" });
    return await look(opened);
  } finally {
    await context.close();
  }
}

for (const way of contexts()) {
  test(`a good page is good: ${way.name}`, () =>
    onPage("/good", way, (opened) => checkPage(opened, `good ${way.name}`)));
}

test("scripts run or do not, as wanted", async () => {
  const title = (script) => onPage("/script", { script }, (opened) => opened.title());
  assert.deepEqual([await title(true), await title(false)], ["ran", "A page"]);
});

for (const [name, [, said]] of Object.entries(faults)) {
  test(`${name} is seen`, () =>
    onPage(paths[name], contexts()[0], async (opened) => {
      assert.match((await problemsOf(opened)).join("\n"), said);
      await opened.reload();
      await assert.rejects(checkPage(opened, name), assert.AssertionError);
    }));
}

test("the keyboard reaches what it should, in order, and it is seen", () =>
  onPage("/good", contexts()[0], async (opened) => {
    assert.deepEqual(await keyboard.order(opened), ["a link", "input x", "button Send"]);
    await opened.evaluate(() => document.activeElement?.blur());
    await keyboard.to(opened, "button", "Send");
    assert.equal(await keyboard.seen(opened), true);
    await assert.rejects(keyboard.to(opened, "button", "None", 5), /after 5 times Tab/);
  }));
