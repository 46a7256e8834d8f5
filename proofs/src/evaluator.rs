//! Cedar's own evaluator: what a condition comes to in one case.

use cedar_policy::{
    Authorizer, Context, Entities, Policy, PolicySet, Request, RestrictedExpression, Schema,
};

use crate::prover::Error;
use crate::words::{Case, Words, camel};

/// A condition as a policy.
///
/// # Errors
/// Text that is no condition.
pub fn policy(condition: &str) -> Result<Policy, Error> {
    let text = format!("permit (principal, action, resource) when {{ {condition} }};");
    Policy::parse(None, &text).map_err(|error| format!("{error}: {text}").into())
}

/// Whether Cedar says that a condition holds in a case, which has a value for every fact.
///
/// # Errors
/// A case that does not fit the schema; an evaluation that errs.
pub fn holds(
    words: &Words,
    schema: &Schema,
    action: &str,
    condition: &str,
    case: &Case,
) -> Result<bool, Error> {
    let mut facts = Vec::new();
    for (fact, value) in case {
        let value = match words.facts.get(fact) {
            Some(None) => RestrictedExpression::new_bool(value.parse()?),
            _ => {
                RestrictedExpression::new_entity_uid(format!("{}::{value:?}", camel(fact)).parse()?)
            }
        };
        facts.push((fact.clone(), value));
    }
    let request = Request::new(
        "Agency::\"a\"".parse()?,
        format!("Action::{action:?}").parse()?,
        "Person::\"p\"".parse()?,
        Context::from_pairs(facts)?,
        Some(schema),
    )?;
    let set = PolicySet::from_policies([policy(condition)?])?;
    let response = Authorizer::new().is_authorized(&request, &set, &Entities::empty());
    match response.diagnostics().errors().next() {
        Some(error) => Err(error.to_string().into()),
        None => Ok(response.diagnostics().reason().next().is_some()),
    }
}
