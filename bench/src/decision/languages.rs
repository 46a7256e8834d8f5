//! Languages of expressions that can be embedded: CEL, JSON Logic, ZEN.

use cel::{Context, Program, Value};
use datalogic_rs::bumpalo::Bump;
use datalogic_rs::{DataValue, Engine, Logic, ParsedData};
use law::Fact;
use zen_expression::expression::Standard;
use zen_expression::vm::VM;
use zen_expression::{Expression, Scope, Variable, compile_expression};

use crate::Result;
use crate::syntax::{Infix, Syntax, words};

/// A language of expressions.
pub trait Language {
    /// An expression, compiled.
    type Program;
    /// What is known, in the form the engine wants it.
    type Facts;

    /// How conditions are written.
    fn syntax(&self) -> &dyn Syntax;

    /// Compiles an expression.
    ///
    /// # Errors
    /// If it cannot be read.
    fn program(&self, text: &str) -> Result<Self::Program>;

    /// Takes facts: yes or no as such, the others as words.
    ///
    /// # Errors
    /// If the engine refuses them.
    fn facts(&self, facts: serde_json::Map<String, serde_json::Value>) -> Result<Self::Facts>;

    /// Evaluates: a bit for each element of a list, or the one of a truth value.
    ///
    /// # Errors
    /// If the evaluation fails, or something else comes out.
    fn bits(&mut self, program: &Self::Program, facts: &Self::Facts) -> Result<u64>;
}

/// The Common Expression Language.
pub struct Cel;

impl Language for Cel {
    type Program = Program;
    type Facts = Context<'static, 'static>;

    fn syntax(&self) -> &dyn Syntax {
        &Infix { and: " && ", or: " || ", not: "!", is: one_of }
    }

    fn program(&self, text: &str) -> Result<Program> {
        Ok(Program::compile(text)?)
    }

    fn facts(&self, facts: serde_json::Map<String, serde_json::Value>) -> Result<Self::Facts> {
        let mut context = Context::default();
        for (name, value) in facts {
            match value {
                serde_json::Value::Bool(yes) => context.add_variable_from_value(name, yes),
                serde_json::Value::String(word) => context.add_variable_from_value(name, word),
                other => return Err(format!("no fact: {other}").into()),
            }
        }
        Ok(context)
    }

    fn bits(&mut self, program: &Program, facts: &Self::Facts) -> Result<u64> {
        let bit = |value: &Value| match value {
            Value::Bool(holds) => Ok(u64::from(*holds)),
            other => Err(format!("no truth value: {other:?}")),
        };
        match program.execute(facts)? {
            Value::List(all) => Ok(gathered(all.iter().map(bit))?),
            one => Ok(bit(&one)?),
        }
    }
}

/// JSON Logic.
pub struct JsonLogic {
    engine: Engine,
    arena: Bump,
    syntax: JsonSyntax,
}

impl JsonLogic {
    /// The engine with its usual operators.
    pub fn new() -> Self {
        Self { engine: Engine::new(), arena: Bump::new(), syntax: JsonSyntax }
    }
}

impl Language for JsonLogic {
    type Program = Logic;
    type Facts = ParsedData;

    fn syntax(&self) -> &dyn Syntax {
        &self.syntax
    }

    fn program(&self, text: &str) -> Result<Logic> {
        Ok(self.engine.compile(text)?)
    }

    fn facts(&self, facts: serde_json::Map<String, serde_json::Value>) -> Result<ParsedData> {
        Ok(ParsedData::from_json(&serde_json::Value::Object(facts).to_string())?)
    }

    fn bits(&mut self, program: &Logic, facts: &ParsedData) -> Result<u64> {
        self.arena.reset();
        let bit = |value: &DataValue<'_>| {
            value.as_bool().map(u64::from).ok_or_else(|| format!("no truth value: {value}"))
        };
        let found = self.engine.evaluate(program, facts, &self.arena)?;
        match found.as_array() {
            Some(all) => Ok(gathered(all.iter().map(bit))?),
            None => Ok(bit(found)?),
        }
    }
}

/// JSON Logic is written as JSON, the operator first.
struct JsonSyntax;

impl Syntax for JsonSyntax {
    fn is(&self, fact: &Fact, values: &[usize]) -> String {
        let var = format!("{{\"var\": {:?}}}", fact.name);
        match (fact.boolean, values, words(fact, values).as_slice()) {
            (true, [1], _) => var,
            (true, _, _) => self.not(&var),
            (false, _, [one]) => format!("{{\"==\": [{var}, {one}]}}"),
            (false, _, some) => format!("{{\"in\": [{var}, [{}]]}}", some.join(", ")),
        }
    }

    fn not(&self, part: &str) -> String {
        format!("{{\"!\": [{part}]}}")
    }

    fn all(&self, parts: &[String]) -> String {
        format!("{{\"and\": [{}]}}", parts.join(", "))
    }

    fn any(&self, parts: &[String]) -> String {
        format!("{{\"or\": [{}]}}", parts.join(", "))
    }
}

/// The expression language of the ZEN engine, compiled to its bytecode.
pub struct Zen(VM);

impl Zen {
    /// A machine.
    pub fn new() -> Self {
        Self(VM::new())
    }
}

impl Language for Zen {
    type Program = Expression<Standard>;
    type Facts = Scope;

    fn syntax(&self) -> &dyn Syntax {
        &Infix { and: " and ", or: " or ", not: "not ", is: one_of }
    }

    fn program(&self, text: &str) -> Result<Self::Program> {
        Ok(compile_expression(text)?)
    }

    fn facts(&self, facts: serde_json::Map<String, serde_json::Value>) -> Result<Scope> {
        Ok(Scope::new(Variable::from(serde_json::Value::Object(facts))))
    }

    fn bits(&mut self, program: &Self::Program, facts: &Scope) -> Result<u64> {
        let bit = |value: &Variable| {
            value.as_bool().map(u64::from).ok_or_else(|| format!("no truth value: {value}"))
        };
        let found = program.evaluate_with_scope(facts, &mut self.0)?;
        match found.as_array() {
            Some(all) => Ok(gathered(all.borrow().iter().map(bit))?),
            None => Ok(bit(&found)?),
        }
    }
}

fn one_of(fact: &Fact, values: &[usize]) -> String {
    match words(fact, values).as_slice() {
        [one] => format!("{} == {one}", fact.name),
        some => format!("{} in [{}]", fact.name, some.join(", ")),
    }
}

/// The first bit is that of the first element.
fn gathered(
    bits: impl DoubleEndedIterator<Item = std::result::Result<u64, String>>,
) -> std::result::Result<u64, String> {
    bits.rev().try_fold(0, |all, bit| Ok(all << 1 | bit?))
}
