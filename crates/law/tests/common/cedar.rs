//! Cedar as the reference: the layered law lowered to plain Cedar, and facts as a request.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;

use cedar_policy::pst::{ActionConstraint, BinaryOp, Clause, Expr, Literal, UnaryOp, Var};
use cedar_policy::{
    Authorizer, Context, Entities, EntityUid, Policy, PolicySet, Request, RestrictedExpression,
};
use law::{Modality, Outcome, Pack, Rule, Vocabulary};

/// A policy with every exception to it, and every exception to those, written as `unless`.
pub fn lowered(pack: &Pack, rule: &Rule) -> Policy {
    let cedar_policy::pst::Policy::Static(policy) = rule.cedar.to_pst().unwrap() else {
        panic!("a template");
    };
    let mut template = policy.body().clone();
    for (_, exception) in pack.rules().filter(|(_, r)| r.overrides.as_ref() == Some(&rule.id)) {
        let applies = Arc::new(applies(pack, exception));
        template.try_add_clause(Clause::Unless(applies)).unwrap();
    }
    let policy = cedar_policy::pst::Policy::Static(template.try_into().unwrap());
    Policy::from_pst(policy).unwrap()
}

/// When a rule applies, as one expression: its action, its clauses, and none of its exceptions.
fn applies(pack: &Pack, rule: &Rule) -> Expr {
    let cedar_policy::pst::Policy::Static(policy) = lowered(pack, rule).to_pst().unwrap() else {
        panic!("a template");
    };
    let template = policy.body();
    let uids = match &template.action {
        ActionConstraint::Eq(uid) => vec![uid.clone()],
        ActionConstraint::In(uids) => uids.clone(),
        _ => panic!("no action"),
    };
    let literal = |uid| Arc::new(Expr::Literal(Literal::EntityUID(uid)));
    let mut all = Expr::BinaryOp {
        op: BinaryOp::Contains,
        left: Arc::new(Expr::Set(uids.into_iter().map(literal).collect())),
        right: Arc::new(Expr::Var(Var::Action)),
    };
    for clause in template.clauses() {
        let part = match clause {
            Clause::When(expr) => Arc::clone(expr),
            Clause::Unless(expr) => {
                Arc::new(Expr::UnaryOp { op: UnaryOp::Not, expr: Arc::clone(expr) })
            }
        };
        all = Expr::BinaryOp { op: BinaryOp::And, left: Arc::new(all), right: part };
    }
    all
}

/// A request with every fact known: one position of a value for each fact.
pub fn request(
    vocabulary: &Vocabulary,
    schema: &cedar_policy::Schema,
    action: &str,
    values: &[usize],
) -> Request {
    let pairs = vocabulary.facts.iter().zip(values).map(|(fact, value)| {
        let expression = if fact.boolean {
            RestrictedExpression::new_bool(*value == 1)
        } else {
            let entity: String =
                fact.name.split('_').map(|part| part[..1].to_uppercase() + &part[1..]).collect();
            let name = &fact.values[*value].name;
            let uid = EntityUid::from_str(&format!("{entity}::{name:?}")).unwrap();
            RestrictedExpression::new_entity_uid(uid)
        };
        (fact.name.clone(), expression)
    });
    let uid = |text: &str| EntityUid::from_str(text).unwrap();
    Request::new(
        uid("Agency::\"a\""),
        uid(&format!("Action::{action:?}")),
        uid("Person::\"p\""),
        Context::from_pairs(pairs).unwrap(),
        Some(schema),
    )
    .unwrap()
}

/// Whether Cedar says that a policy, alone, determines the answer; an error is a failed test.
pub fn fires(policy: Policy, request: &Request) -> bool {
    let set = PolicySet::from_policies([policy]).unwrap();
    let response = Authorizer::new().is_authorized(request, &set, &Entities::empty());
    let errors: Vec<_> = response.diagnostics().errors().collect();
    assert!(errors.is_empty(), "{errors:?}");
    response.diagnostics().reason().next().is_some()
}

/// The combination of layers, written anew from the specification of packs: which outcome, and
/// which rules determine it, given the rules that fire.
pub fn combine(firing: &[(usize, &law::Rule)]) -> (Outcome, BTreeSet<String>) {
    let ids = |wanted: &[Modality], above: usize| -> BTreeSet<String> {
        firing
            .iter()
            .filter(|(layer, rule)| wanted.contains(&rule.modality) && *layer <= above)
            .map(|(_, rule)| rule.id.clone())
            .collect()
    };
    let shield = firing
        .iter()
        .filter(|(_, rule)| rule.modality == Modality::Shields)
        .map(|(layer, _)| *layer)
        .min();
    let forbidden = ids(&[Modality::MustNot], shield.unwrap_or(usize::MAX));
    let ordered = ids(&[Modality::Must], usize::MAX);
    let referred = ids(&[Modality::Refer], usize::MAX);
    let permitted = ids(&[Modality::May, Modality::Shields], usize::MAX);
    if !forbidden.is_empty() && !ordered.is_empty() {
        return (Outcome::Refer, forbidden.union(&ordered).cloned().collect());
    }
    [
        (Outcome::MustNot, forbidden),
        (Outcome::Refer, referred),
        (Outcome::Must, ordered),
        (Outcome::May, permitted),
    ]
    .into_iter()
    .find(|(_, ids)| !ids.is_empty())
    .unwrap_or((Outcome::Silent, BTreeSet::new()))
}
