// Writes the questions that both tests put to the module, each with what the program answers.
//
//   node cases.mjs PROGRAM OUT < QUESTIONS
//
// QUESTIONS is what `cargo run --example questions` prints: every example of the law. Each is
// decided, asked on and explained; for each agency, day and action there is an interview from
// nothing to its end; and there is what cannot be answered.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { malformed, refused } from "./refusals.mjs";

const [program, out] = process.argv.slice(2);
const examples = readFileSync(0, "utf8").trim().split("\n").map((line) => JSON.parse(line));

// Runs the program with a question's fields as its options.
function run(call, question) {
  const words = [call, "--json"];
  for (const [name, value] of Object.entries(question)) {
    for (const one of [value].flat()) words.push(`--${name}=${one}`);
  }
  return new Promise((done, fail) => {
    execFile(program, words, (error, stdout, stderr) => {
      if (error && error.code !== 2) fail(new Error(`${words.join(" ")}: ${error}`));
      else done({ stdout, stderr });
    });
  });
}

// What the module has to be asked, and what it has to say: the program's text without its last
// line's end.
async function twin(call, question, place) {
  const { stdout } = await run(call, question);
  assert(stdout.endsWith("}\n") || stdout.endsWith("]\n"), `${place}: no JSON: ${stdout}`);
  return { place, call, question: JSON.stringify(question), answer: stdout.slice(0, -1) };
}

async function example({ place, question, expect, because, missing }) {
  const decided = { ...(await twin("decide", question, place)), expect, because, missing };
  const [action] = question.action;
  const next = await twin("ask", { ...question, action }, place);
  return [decided, next, await twin("why", question, place)];
}

// Asks and answers until nothing is left to ask; which answer is given, and when somebody does not
// know, depends on the place alone.
async function interview({ agency, on, action }, place) {
  const asked = { agency, on, action, fact: [], unknown: [] };
  const said = [];
  for (let turn = place; ; turn += 1) {
    said.push(await twin("ask", asked, `interview ${place}`));
    const { ask } = JSON.parse(said.at(-1).answer);
    if (ask === undefined) break;
    if (turn % 7 === 6) {
      asked.unknown.push(ask.fact);
    } else {
      asked.fact.push(`${ask.fact}=${ask.answers[turn % ask.answers.length].value}`);
    }
  }
  const { fact } = asked;
  const end = { agency, on, at: "14:30", action: [action, "notify"], fact };
  said.push(await twin("decide", end, `interview ${place}`));
  return said;
}

async function refusal({ call, question, says, words }) {
  const place = `refusal: ${says[0]}`;
  // What the program's reader of options refuses is told by it in more words, and not as JSON.
  if (words) {
    const { stdout, stderr } = await run(call, question);
    assert.equal(stdout, "", place);
    for (const part of words) assert(stderr.includes(part), `${place}: ${stderr}`);
    return { place, call, question: JSON.stringify(question), says };
  }
  return { ...(await twin(call, question, place)), says };
}

const triples = new Map();
for (const { question } of examples) {
  const { agency, on, action: [action] } = question;
  triples.set([agency, on, action].join(), { agency, on, action });
}
const jobs = [
  ...examples.map((one) => () => example(one)),
  ...[...triples.values()].map((one, place) => () => interview(one, place)),
  ...refused.map((one) => () => refusal(one)),
];
const done = new Array(jobs.length);
let at = 0;
async function work() {
  while (at < jobs.length) {
    const mine = at;
    at += 1;
    done[mine] = await jobs[mine]();
  }
}
const workers = availableParallelism?.() ?? cpus().length;
await Promise.all(Array.from({ length: workers }, work));
const cases = [...done.flat(), ...malformed.map((one) => ({ place: "malformed", ...one }))];
// Questions about the same law stand together, as a page asks them.
const law = ({ question }) => question.match(/"agency":"[^"]*","on":"[^"]*"/)?.[0] ?? "";
cases.sort((a, b) => (law(a) < law(b) ? -1 : law(a) > law(b) ? 1 : 0));
writeFileSync(out, JSON.stringify(cases));
const twins = cases.filter((one) => one.answer !== undefined).length;
console.log(`${examples.length} examples; ${cases.length} questions, ${twins} with an answer`);
