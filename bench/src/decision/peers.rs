//! The same rules and cases for Cedar and for Rego, ready to be evaluated: the whole pack.

use std::sync::Arc;

use cedar_policy::{Authorizer, Decision, Entities, PolicyId, PolicySet, Request};
use law::{Library, Pack};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{CompiledPolicy, Engine, Value};

use super::{Answer, Case, Peer, stated};
use crate::Result;

/// The lowering of the layered law to plain Cedar is that of the law's own tests, so that there is
/// one of it.
#[allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
#[path = "../../../crates/law/tests/common/cedar.rs"]
mod lowering;

/// The rules in Rego.
const RULES: &str = include_str!("rules.rego");

/// The rule that is asked for.
const DECISION: &str = "data.bailiwick.decision";

/// Cedar, with the lowered rules and a request for each case.
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    requests: Vec<Request>,
}

impl Cedar {
    /// Lowers the pack and builds the requests.
    ///
    /// # Errors
    /// If two rules have one id.
    pub fn new(library: &Library, pack: &Pack, cases: &[Case]) -> Result<Self> {
        let policies = pack
            .rules()
            .map(|(_, rule)| lowering::lowered(pack, rule).new_id(PolicyId::new(&rule.id)));
        let policies = PolicySet::from_policies(policies)?;
        let request = |case: &Case| {
            lowering::request(&pack.vocabulary, library.schema(), &case.action, &case.values)
        };
        let requests = cases.iter().map(request).collect();
        Ok(Self { authorizer: Authorizer::new(), policies, entities: Entities::empty(), requests })
    }
}

impl Peer for Cedar {
    fn answer(&mut self, at: usize) -> Result<Answer> {
        let request = self.requests.get(at).ok_or("no such case")?;
        let response = self.authorizer.is_authorized(request, &self.policies, &self.entities);
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(error.to_string().into());
        }
        let grounds = response.diagnostics().reason().map(ToString::to_string).collect();
        Ok(Answer { allow: response.decision() == Decision::Allow, grounds: Some(grounds) })
    }

    fn all(&mut self) -> Result<()> {
        for request in &self.requests {
            let response = self.authorizer.is_authorized(request, &self.policies, &self.entities);
            std::hint::black_box(response);
        }
        Ok(())
    }
}

/// The Rego interpreter, with a value for each case.
pub struct Interpreter {
    engine: Engine,
    inputs: Vec<Value>,
}

impl Interpreter {
    /// Reads the rules and builds the inputs.
    ///
    /// # Errors
    /// If the rules cannot be read.
    pub fn new(pack: &Pack, cases: &[Case]) -> Result<Self> {
        Ok(Self { engine: engine()?, inputs: inputs(pack, cases) })
    }
}

impl Peer for Interpreter {
    fn answer(&mut self, at: usize) -> Result<Answer> {
        let input = self.inputs.get(at).ok_or("no such case")?;
        self.engine.set_input(input.clone());
        answer(&self.engine.eval_rule(DECISION.to_owned())?)
    }

    fn all(&mut self) -> Result<()> {
        for input in &self.inputs {
            self.engine.set_input(input.clone());
            std::hint::black_box(self.engine.eval_rule(DECISION.to_owned())?);
        }
        Ok(())
    }
}

/// The Rego bytecode machine, with a value for each case.
pub struct Bytecode {
    machine: RegoVM,
    inputs: Vec<Value>,
}

impl Bytecode {
    /// Compiles the rules and builds the inputs.
    ///
    /// # Errors
    /// If the rules cannot be compiled.
    pub fn new(pack: &Pack, cases: &[Case]) -> Result<Self> {
        let policy: CompiledPolicy = engine()?.compile_with_entrypoint(&DECISION.into())?;
        let program = Compiler::compile_from_policy(&policy, &[DECISION])
            .map_err(|error| format!("{error:?}"))?;
        let mut machine = RegoVM::new();
        machine.load_program(Arc::clone(&program));
        Ok(Self { machine, inputs: inputs(pack, cases) })
    }
}

impl Peer for Bytecode {
    fn answer(&mut self, at: usize) -> Result<Answer> {
        let input = self.inputs.get(at).ok_or("no such case")?;
        self.machine.set_input(input.clone());
        answer(&self.machine.execute()?)
    }

    fn all(&mut self) -> Result<()> {
        for input in &self.inputs {
            self.machine.set_input(input.clone());
            std::hint::black_box(self.machine.execute()?);
        }
        Ok(())
    }
}

fn engine() -> Result<Engine> {
    let mut engine = Engine::new();
    engine.add_policy("rules.rego".to_owned(), RULES.to_owned())?;
    Ok(engine)
}

/// The cases as Rego sees them: every fact, and the action.
fn inputs(pack: &Pack, cases: &[Case]) -> Vec<Value> {
    let input = |case: &Case| {
        let mut members = stated(pack, case, &|_| true);
        members.insert("action".to_owned(), case.action.clone().into());
        Value::from(serde_json::Value::from(members))
    };
    cases.iter().map(input).collect()
}

/// A decision of the rules in Rego, in the words all three share.
fn answer(decision: &Value) -> Result<Answer> {
    let wrong = || format!("not a decision: {decision}");
    let members = decision.as_object()?;
    let member = |name: &str| members.get(&Value::from(name)).ok_or_else(wrong);
    let grounds = member("grounds")?.as_set()?;
    let grounds = grounds.iter().map(|id| Ok(id.as_string()?.to_string()));
    let grounds = grounds.collect::<Result<_>>()?;
    Ok(Answer { allow: *member("allow")?.as_bool()?, grounds: Some(grounds) })
}
