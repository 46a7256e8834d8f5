// What cannot be answered, and what has to be said about it.

const boston = { agency: "us-ma-boston-pd", on: "2025-03-01", action: ["hold"] };
const decide = (but, ...says) => ({ call: "decide", question: { ...boston, ...but }, says });
const decideByReader = (but, words, ...says) => ({ ...decide(but, ...says), words });

// Questions that the program can be asked too.
export const refused = [
  decide({ agency: "us-ma-bostn-pd" }, "no agency `us-ma-bostn-pd`", "us-ma-boston-pd"),
  decide({ agency: "" }, "no agency ``"),
  decide({ on: "2013-06-01" }, "first begins on 2014-08-20"),
  decide({ action: ["detain"] }, "no action `detain`", "hold, arrest"),
  decide({ fact: ["bases=detainer"] }, "no fact `bases`", "basis, form"),
  decide({ fact: ["basis=detainerr"] }, "detainerr", "administrative_warrant"),
  decide({ fact: ["basis=warrant"] }, "says too little", "look at the signature"),
  decide({ fact: ["form=i_200", "basis=judicial_warrant"] }, "contradictory", "check the paper"),
  decide({ fact: ["basis=detainer", "basis=none"] }, "contradictory", "keep one"),
  decide({ fact: ["nothing=1", "nobody=2"] }, "no fact `nobody`", "no fact `nothing`"),
  decide({ fact: ["basis=Détenu 🚓"] }, "Détenu 🚓"),
  { ...decide({ fact: ["bases=detainer"] }, "no fact `bases`"), call: "why" },
  { ...decide({ action: "detain" }, "no action `detain`"), call: "ask" },
  { ...decide({ action: "hold", unknown: ["bases"] }, "no fact `bases`"), call: "ask" },
  decideByReader({ on: "2025-02-29" }, ["`2025-02-29` is no day"], "`2025-02-29` is no day"),
  decideByReader({ on: "01/03/2025" }, ["year-month-day"], "`01/03/2025` is no day"),
  decideByReader({ on: "" }, ["`` is no day"], "`` is no day"),
  decideByReader({ at: "25:00" }, ["--at"], "`25:00` is no time of day", "14:30"),
  decideByReader({ fact: ["basis"] }, ["`name=value`"], "`basis` is no fact", "`name=value`"),
  decideByReader({ fact: ["basis=none@mayor"] }, ["`mayor` is nobody"], "`mayor` is nobody"),
  decideByReader({ action: [] }, ["--action"], "no action is asked"),
];

const text = (question, ...says) => ({ call: "decide", question, says });
const without = (name) => {
  const { [name]: left_out, ...rest } = boston;
  return text(JSON.stringify(rest), `missing field \`${name}\``, "write JSON such as");
};

// Texts that are no question.
export const malformed = [
  text("", "cannot be read: EOF"),
  text("{", "cannot be read: EOF"),
  text("hold", "cannot be read: expected value"),
  text("null", "cannot be read: invalid type: null"),
  text("[]", "cannot be read: invalid length 0"),
  text("\0", "cannot be read"),
  text("\ud800", "cannot be read"),
  text("{}", "missing field `agency`"),
  text("[".repeat(60000), "cannot be read"),
  text(`{"agency":${"[".repeat(60000)}`, "cannot be read"),
  text(JSON.stringify({ ...boston, fact: ["x=y".repeat(22000)] }), "more than 65536 are not read"),
  without("agency"),
  without("on"),
  without("action"),
  text(JSON.stringify({ ...boston, on: 20250301 }), "invalid type: integer"),
  text(JSON.stringify({ ...boston, action: "hold" }), "invalid type: string", "a sequence"),
  text(JSON.stringify({ ...boston, facts: [] }), "unknown field `facts`", "`fact`"),
  text(JSON.stringify({ ...boston, fact: [null] }), "invalid type: null, expected a string"),
  text(`${JSON.stringify(boston)} x`, "trailing characters"),
  { ...text(JSON.stringify(boston), "invalid type: sequence", "one word"), call: "ask" },
  { ...text(JSON.stringify({ ...boston, at: "10:00" }), "unknown field `at`"), call: "why" },
  { ...text(JSON.stringify(boston), "unknown field `action`"), call: "law" },
];
