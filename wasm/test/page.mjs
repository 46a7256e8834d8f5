// The page's side of chromium.mjs: loads the module and the questions, and then waits to be told.
import init, * as law from "./bailiwick.js";
import { compare } from "./compare.mjs";

const cases = await (await fetch("./cases.json")).json();
const { memory } = await init();
const example = cases.find((one) => one.expect);

// How long the first answer takes, in milliseconds: the texts of law are read for it.
window.first = () => {
  const before = performance.now();
  law.decide(example.question);
  return performance.now() - before;
};
// Every answer that is not the program's.
window.answers = () => ({
  asked: cases.length,
  wrong: compare(law, cases),
  memory: memory.buffer.byteLength,
});
