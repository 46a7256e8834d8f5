// The module in Node, against the program.
//
//   node node.mjs MODULE CASES LAW
//
// MODULE is the folder that scripts/wasm.sh built, CASES what cases.mjs wrote, LAW the folder of
// the law's texts.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { compare } from "./compare.mjs";

const [folder, file, texts] = process.argv.slice(2);
const law = await import(pathToFileURL(resolve(folder, "bailiwick.js")));
const compiled = new WebAssembly.Module(readFileSync(resolve(folder, "bailiwick_bg.wasm")));
const cases = JSON.parse(readFileSync(file, "utf8"));

// What imports nothing can reach nothing: no clock, no network, no chance.
assert.deepEqual(WebAssembly.Module.imports(compiled), []);

const before = performance.now();
const { memory } = law.initSync({ module: compiled });
law.decide(cases.find((one) => one.expect).question);
const first = performance.now() - before;

const wrong = compare(law, cases);
assert.deepEqual(wrong, [], wrong.slice(0, 5).join("\n\n"));

// The comparison is not deaf: a changed answer, expectation or refusal is noticed.
const some = (field) => cases.find((one) => one[field] && one.expect !== "no_edition");
for (const planted of [
  { ...some("answer"), answer: `${some("answer").answer} ` },
  { ...some("expect"), answer: undefined, expect: "another" },
  { ...some("because"), answer: undefined, because: ["another/ground"] },
  { ...some("missing"), answer: undefined, missing: ["another_fact"] },
  { ...some("says"), answer: undefined, says: ["another word"] },
]) {
  assert.equal(compare(law, [planted]).length, 1, JSON.stringify(planted));
}

// What is no text at all is a slip of the page's, told before it gets in.
for (const slip of [undefined, null, 5, {}, ["hold"]]) {
  assert.throws(() => law.decide(slip), /expected a string argument/);
}

// Nothing that was asked before changes an answer: far apart ones after one another, and back.
const apart = cases.filter((_, place) => place % 61 === 0);
const mixed = apart.flatMap((one, place) => [one, apart[(place * 7 + 3) % apart.length]]);
assert.deepEqual(compare(law, [...mixed, ...mixed.reverse()]), []);

// Every agency of the folder, and the law of each day that an example asks about.
const files = readdirSync(resolve(texts, "agencies")).map((name) => name.replace(/\.md$/, ""));
const agencies = JSON.parse(law.agencies());
assert.deepEqual(agencies.map((agency) => agency.id), files.sort());
assert(agencies.every((agency) => agency.name && agency.timezone.includes("/")));
let days = 0;
for (const { answer, question, expect } of cases) {
  if (expect === undefined || JSON.parse(answer).error) continue;
  const { agency, on, action } = JSON.parse(question);
  const asked = JSON.parse(law.law(JSON.stringify({ agency, on })));
  const decided = JSON.parse(answer);
  assert.deepEqual(asked.pack, decided.pack);
  assert(asked.actions.some((one) => one.name === action[0] && one.says));
  for (const { id } of decided.grounds) {
    assert(asked.editions.some((edition) => edition.id === id.split("/")[0]), id);
  }
  for (const edition of asked.editions) {
    assert(edition.citation && edition.maker && edition.grade && edition.from <= on);
  }
  days += 1;
}
assert(days > 300, `${days} examples have a day with a law`);

console.log(`${cases.length} answers in Node ${process.version} are the program's, byte for byte`);
console.log(
  `first answer after ${first.toFixed(0)} ms; ${(memory.buffer.byteLength / 1e6).toFixed(1)} MB ` +
    "of memory after the last",
);
