//! Cedar's symbolic compiler with the solver cvc5, asked one question at a time.
//!
//! In: an action and conditions. Out: proved, or a case. A question that the solver does not
//! settle is an error, never an answer.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cedar_policy::{EvalResult, Policy, RequestEnv, Schema};
use cedar_policy_symcc::solver::{Decision, DecisionWithModel, LocalSolver, Solver, SolverError};
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, Env};
use tokio::io::AsyncWrite;
use tokio::runtime::Runtime;

use crate::words::{Case, Condition, Words, all};

/// What stops a proof that is neither found nor refuted.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The longest that one question may take, in milliseconds.
const LONGEST: &str = "--tlimit-per=120000";

/// What can be asked of two conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Question {
    /// Whether they hold in the same cases.
    Same,
    /// Whether the first holds in no case.
    Never,
    /// Whether the second holds wherever the first does.
    Implies,
    /// Whether they hold together in no case.
    Disjoint,
}

/// One running solver, for the request environments of one schema.
pub struct Prover {
    runtime: Runtime,
    compiler: CedarSymCompiler<Counted>,
    words: Words,
    schema: Schema,
    possible: Condition,
    known: HashMap<(Question, String, String, String), Option<Case>>,
    asked: usize,
    solved: Arc<AtomicUsize>,
}

impl Prover {
    /// Starts the solver that the environment variable `CVC5` names, or `cvc5`.
    ///
    /// # Errors
    /// No solver, with what to install; a vocabulary that is no Cedar schema.
    pub fn new(words: &Words) -> Result<Self, Error> {
        Self::with(words, std::env::var("CVC5").as_deref().unwrap_or("cvc5"))
    }

    /// As [`Prover::new`], with a program named.
    ///
    /// # Errors
    /// As [`Prover::new`].
    pub fn with(words: &Words, program: &str) -> Result<Self, Error> {
        let (schema, _) = Schema::from_cedarschema_str(&words.schema())?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut command = tokio::process::Command::new(program);
        command.args(["--lang", "smt", LONGEST]).kill_on_drop(true);
        let solver = {
            let _inside = runtime.enter();
            LocalSolver::from_command(&mut command).map_err(|error| {
                format!(
                    "the solver `{program}` does not start ({error}): install the Debian package \
                     cvc5 or run scripts/proofs.sh, which does; `CVC5` may name another program"
                )
            })?
        };
        let solved = Arc::new(AtomicUsize::new(0));
        let compiler = CedarSymCompiler::new(Counted { solver, solved: Arc::clone(&solved) })?;
        let (words, possible) = (words.clone(), words.possible()?);
        let known = HashMap::new();
        Ok(Self { runtime, compiler, words, schema, possible, known, asked: 0, solved })
    }

    /// How many different questions were asked, and how many of them went to the solver; the others
    /// are settled when the two sides are compiled, because nothing is left to solve.
    pub fn counts(&self) -> (usize, usize) {
        (self.asked, self.solved.load(Ordering::Relaxed))
    }

    /// Whether two conditions hold in the same cases that can be; else a case in which not.
    ///
    /// # Errors
    /// Conditions that do not compile; a question that is not settled.
    pub fn same(&mut self, action: &str, one: &str, two: &str) -> Result<Option<Case>, Error> {
        self.ask(Question::Same, action, &self.supposing(one), &self.supposing(two))
    }

    /// As [`Prover::same`], in all cases whatsoever, those that break a definition among them.
    ///
    /// # Errors
    /// As [`Prover::same`].
    pub fn same_anywhere(
        &mut self,
        action: &str,
        one: &str,
        two: &str,
    ) -> Result<Option<Case>, Error> {
        self.ask(Question::Same, action, one, two)
    }

    /// A case that can be in which a condition holds, if there is one.
    ///
    /// # Errors
    /// As [`Prover::same`].
    pub fn find(&mut self, action: &str, condition: &str) -> Result<Option<Case>, Error> {
        self.ask(Question::Never, action, &self.supposing(condition), "false")
    }

    /// Whether one condition holds in all cases that can be in which another does; else a case
    /// in which not.
    ///
    /// # Errors
    /// As [`Prover::same`].
    pub fn implies(&mut self, action: &str, one: &str, two: &str) -> Result<Option<Case>, Error> {
        self.ask(Question::Implies, action, &self.supposing(one), two)
    }

    /// Whether two conditions hold together in no case that can be; else a case in which they do.
    ///
    /// # Errors
    /// As [`Prover::same`].
    pub fn disjoint(&mut self, action: &str, one: &str, two: &str) -> Result<Option<Case>, Error> {
        self.ask(Question::Disjoint, action, &self.supposing(one), two)
    }

    /// Asks once; what was asked before, in the same words, has its answer. Most of a law is the
    /// same before and after an amendment.
    fn ask(
        &mut self,
        question: Question,
        action: &str,
        one: &str,
        two: &str,
    ) -> Result<Option<Case>, Error> {
        let key = (question, action.to_owned(), one.to_owned(), two.to_owned());
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        self.asked = self.asked.saturating_add(1);
        let (one, two) = (self.compile(action, one)?, self.compile(action, two)?);
        let compiler = &mut self.compiler;
        let found = self.runtime.block_on(async {
            match question {
                Question::Same => {
                    compiler.check_matches_equivalent_with_counterexample_opt(&one, &two).await
                }
                Question::Never => compiler.check_never_matches_with_counterexample_opt(&one).await,
                Question::Implies => {
                    compiler.check_matches_implies_with_counterexample_opt(&one, &two).await
                }
                Question::Disjoint => {
                    compiler.check_matches_disjoint_with_counterexample_opt(&one, &two).await
                }
            }
        })?;
        let found = found.map(|found| self.case(&found)).transpose()?;
        self.known.insert(key, found.clone());
        Ok(found)
    }

    /// Whether no request whatsoever makes a policy err.
    ///
    /// # Errors
    /// As [`Prover::same`].
    pub fn never_errs(&mut self, action: &str, policy: &str) -> Result<bool, Error> {
        let policy = self.policy(action, &Policy::parse(None, policy)?)?;
        self.asked = self.asked.saturating_add(1);
        Ok(self.runtime.block_on(self.compiler.check_never_errors_opt(&policy))?)
    }

    fn supposing(&self, condition: &str) -> Condition {
        all([self.possible.clone(), format!("({condition})")])
    }

    fn compile(&self, action: &str, condition: &str) -> Result<CompiledPolicy, Error> {
        self.policy(action, &crate::evaluator::policy(condition)?)
    }

    fn policy(&self, action: &str, policy: &Policy) -> Result<CompiledPolicy, Error> {
        let action = format!("Action::{action:?}").parse()?;
        let env = RequestEnv::new("Agency".parse()?, action, "Person".parse()?);
        Ok(CompiledPolicy::compile(policy, &env, &self.schema)
            .map_err(|error| format!("{:?}\n{policy}", miette::Report::new(error)))?)
    }

    /// Whether Cedar's evaluator says that a condition holds in a case with a value for each fact.
    ///
    /// # Errors
    /// As [`crate::evaluator::holds`].
    pub fn holds(&self, action: &str, condition: &str, case: &Case) -> Result<bool, Error> {
        crate::evaluator::holds(&self.words, &self.schema, action, condition, case)
    }

    /// The facts of a request that the solver made up.
    fn case(&self, found: &Env) -> Result<Case, Error> {
        let context = found.request.context().ok_or("a request without a context")?;
        let mut case = Case::new();
        for fact in self.words.facts.keys() {
            let value = match context.get(fact).ok_or("a fact without a value")? {
                EvalResult::Bool(value) => value.to_string(),
                EvalResult::EntityUid(uid) => uid.id().unescaped().to_owned(),
                other => return Err(format!("fact `{fact}` is {other}").into()),
            };
            case.insert(fact.clone(), value);
        }
        Ok(case)
    }
}

/// The solver, and how often it was asked.
struct Counted {
    solver: LocalSolver,
    solved: Arc<AtomicUsize>,
}

impl Solver for Counted {
    fn smtlib_input(&mut self) -> &mut (dyn AsyncWrite + Unpin + Send) {
        self.solver.smtlib_input()
    }

    async fn enable_models(&mut self) -> Result<(), SolverError> {
        self.solver.enable_models().await
    }

    async fn check_sat(&mut self) -> Result<Decision, SolverError> {
        self.solved.fetch_add(1, Ordering::Relaxed);
        self.solver.check_sat().await
    }

    async fn check_sat_with_model(&mut self) -> Result<DecisionWithModel, SolverError> {
        self.solved.fetch_add(1, Ordering::Relaxed);
        self.solver.check_sat_with_model().await
    }
}
