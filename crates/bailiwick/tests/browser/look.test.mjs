// The files of the look: that they go together, that every colour can be read on what it stands on,
// and that htmx works under the policy of the pages.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { browser, contexts, open, problemsOf } from "./harness.mjs";
import { serve } from "./serve.mjs";

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path) => readFileSync(at(path), "utf8");
const desk = read("static/desk.css");
const uswds = read("static/uswds.css");
const templates = readdirSync(at("templates/desk")).map((name) => read(`templates/desk/${name}`));
const all = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);

// The named colours of a scheme: of the first block, and over it those of dark.
function colours(scheme) {
  const blocks = desk.split(":root {").slice(1, 3).map((block) => block.split("}")[0]);
  const named = (block) => all(block, /(--[a-z-]+: #[0-9a-f]{3,6});/g).map((it) => it.split(": "));
  const light = Object.fromEntries(named(blocks[0]));
  const dark = Object.fromEntries(named(blocks[1]));
  assert.deepEqual(Object.keys(dark).sort(), Object.keys(light).sort(), "a colour for one scheme");
  return scheme === "dark" ? dark : light;
}

// Contrast as WCAG 2.2 defines it.
function contrast(one, other) {
  const luminance = (colour) => {
    const digits = colour.length === 4 ? colour.replace(/[0-9a-f]/g, "$&$&") : colour;
    const [red, green, blue] = [1, 3, 5].map((from) => {
      const part = parseInt(digits.slice(from, from + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const PAPERS = ["paper", "soft", "info-paper", "success-paper", "warning-paper", "error-paper"];
const TONES = ["bind", "free", "forbid", "open"];
const text = [
  ...PAPERS.flatMap((paper) => ["ink", "link", "seen"].map((ink) => [ink, paper])),
  ...TONES.flatMap((tone) => [[tone, `${tone}-paper`], [tone, "paper"], ["ink", `${tone}-paper`]]),
  ["quiet", "paper"], ["quiet", "soft"], ["quiet", "bind-paper"], ["wrong", "paper"],
  ["deed-ink", "deed"], ["deed-ink", "deed-hover"], ["bar-ink", "bar"], ["paper", "ink"],
];
const edges = [
  ["edge", "paper"], ["edge", "soft"], ["deed", "paper"], ["focus", "paper"], ["focus", "soft"],
  ["wrong", "paper"], ["bar-edge", "bar"],
];

test("contrast is that of known pairs", () => {
  assert.equal(contrast("#000", "#ffffff"), 21);
  // The grey that is just enough for text on white, and the next that is not.
  assert(contrast("#767676", "#fff") >= 4.5 && contrast("#777777", "#fff") < 4.5);
});

for (const scheme of ["light", "dark"]) {
  test(`what is written can be read: ${scheme}`, () => {
    const named = colours(scheme);
    for (const [pairs, least] of [[text, 4.5], [edges, 3]]) {
      for (const [ink, paper] of pairs) {
        const is = contrast(named[`--${ink}`], named[`--${paper}`]);
        assert(is >= least, `${ink} on ${paper}: ${is.toFixed(2)}`);
      }
    }
  });
}

test("a colour is a name, outside the lists of names and print", () => {
  const rules = desk.slice(desk.indexOf("/* The page. */"), desk.indexOf("@media print"));
  assert.deepEqual(all(rules, /(#[0-9a-f]{3,6}\b)/g), []);
  const used = new Set(all(desk, /var\((--[a-z-]+)\)/g));
  const made = new Set(all(desk, /(?<![a-z_-])(--[a-z-]+):/g));
  assert.deepEqual([...used].filter((name) => !made.has(name)), []);
  assert.deepEqual([...made].filter((name) => !used.has(name)), []);
});

test("style sheets name files that are there", () => {
  const named = all(uswds + desk, /url\("?([^")]+)"?\)/g).filter((name) => name !== "");
  assert(named.length > 5);
  assert.deepEqual(named.filter((name) => !existsSync(at(`static/${name}`))), []);
});

test("templates name icons and classes that are there", () => {
  const icons = new Set(all(read("static/img/sprite.svg"), /<symbol id="([a-z_]+)"/g));
  const named = templates.flatMap((it) => all(it, /call icon\("([a-z_]+)"\)/g));
  assert(named.length >= 6);
  assert.deepEqual(named.filter((name) => !icons.has(name)), []);
  const classes = templates.flatMap((it) => all(it, /\b((?:desk|usa)-[a-z_-]*[a-z])(?=["\s{])/g));
  assert(classes.length > 50);
  const styled = uswds + desk;
  assert.deepEqual(classes.filter((name) => !styled.includes(`.${name}`)), []);
});

test("nothing inline, and nothing from elsewhere, stands in a template", () => {
  const inline = /<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:|\shx-on|https?:/i;
  assert.match('<p style="x">', inline);
  for (const template of templates) assert.doesNotMatch(template, inline);
});

test("htmx replaces a part of a page under the policy, and keeps nothing", async () => {
  const head = /<meta name="htmx-config"[^>]*>\s*<script[^>]*><\/script>/.exec(templates.join(""));
  assert(head, "the lines of `base.html` that bring htmx");
  const server = await serve({
    "/": `<!DOCTYPE html><html lang="en"><head><title>A page</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/uswds.css"><link rel="stylesheet" href="/static/desk.css">
${head[0]}</head><body><main><h1>A page</h1><form hx-post="/part" hx-target="#part" action="/part"
 method="post"><button class="usa-button">Ask</button></form><div id="part"></div></main></body>
</html>`,
    "/part": "<p>The answer</p>",
  });
  const chromium = await browser();
  try {
    const context = await chromium.newContext(contexts()[0].options);
    const page = await open(context, server.origin);
    await page.goto(server.origin);
    await page.getByRole("button", { name: "Ask" }).click();
    await page.getByText("The answer").waitFor();
    assert.equal(new URL(page.url()).pathname, "/");
    assert.deepEqual(await problemsOf(page), []);
    const kept = await page.evaluate(() => localStorage.length + sessionStorage.length);
    assert.equal(kept, 0);
  } finally {
    await chromium.close();
    await server.stop();
  }
});
