// Puts questions to the module and says where its answers are others than they have to be; the
// same code in Node and in a browser.

// Answers that differ, in words.
export function compare(law, cases) {
  const wrong = [];
  for (const one of cases) {
    const said = law[one.call](one.question);
    const problem = differs(one, said);
    if (problem) {
      wrong.push(`${one.place}: ${one.call}(${one.question.slice(0, 500)}): ${problem}`);
    }
  }
  return wrong;
}

function differs({ answer, expect, because, missing, says }, said) {
  if (answer !== undefined && said !== answer) {
    return `says\n${said}\nand the program\n${answer}`;
  }
  const read = JSON.parse(said);
  if (says) {
    const known = Object.keys(read).join() === "error,code" && read.code === 2;
    const told = known && says.every((part) => read.error.includes(part));
    return told ? undefined : `does not say ${JSON.stringify(says)}: ${said}`;
  }
  if (expect === undefined) return undefined;
  // These two name what there is no decision for.
  if (expect === "no_edition" || expect === "contradiction") {
    return read.error ? undefined : `is to be refused (${expect}), and says ${said}`;
  }
  const same = (expected, came) =>
    JSON.stringify([...new Set(expected)].sort()) === JSON.stringify([...new Set(came)].sort());
  const holds =
    read.outcome === expect &&
    same(because, read.grounds.map((ground) => ground.id)) &&
    same(missing, read.missing.map((fact) => fact.name));
  const wanted = JSON.stringify({ expect, because, missing });
  return holds ? undefined : `is to be ${wanted} by the law's example, and is ${said}`;
}
