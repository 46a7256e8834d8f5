//! Multi-valued decision diagrams: functions of facts to numbered terminals, shared and reduced.
//!
//! In: conditions over facts. Out: [`Diagram`], which answers for known and for half-known facts.
//! Absent: what the terminals mean. A node asks one fact and has a child for each of its values;
//! two equal functions are one node, so that equality is a comparison of numbers (Bryant, *Graph-
//! Based Algorithms for Boolean Function Manipulation*, 1986, with more than two children).

mod program;

use std::collections::HashMap;

use crate::rule::Cond;
use crate::{Facts, Vocabulary};

pub(crate) use program::{Asked, Move, Program, Way};

/// Nodes a diagram may have while it is built. Laws that speak about the same few facts stay far
/// below it; one that reaches it is answered and analysed without a diagram, or refused by name.
pub(crate) const MOST_NODES: usize = 1 << 18;

/// The diagram would have more nodes than we are ready to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too large to analyse: its diagram has more than {MOST_NODES} nodes")]
pub struct TooLarge;

/// A node or a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ref(u32);

const TERMINAL: u32 = 1 << 31;

impl Ref {
    pub(crate) const NO: Self = Self(TERMINAL);
    pub(crate) const YES: Self = Self(TERMINAL | 1);

    pub(crate) fn terminal(number: u32) -> Self {
        Self(TERMINAL | number)
    }

    pub(crate) fn as_terminal(self) -> Option<u32> {
        (self.0 & TERMINAL != 0).then_some(self.0 & !TERMINAL)
    }
}

#[derive(Clone, Copy, Debug)]
struct Node {
    fact: u32,
    /// Where its children begin; there are as many as the fact has values.
    first: u32,
}

/// A function of facts to terminals, with the nodes it needs and no others.
#[derive(Clone, Debug)]
pub(crate) struct Diagram {
    nodes: Vec<Node>,
    children: Vec<Ref>,
    /// How many values each fact has.
    sizes: Vec<usize>,
    root: Ref,
}

/// A share without the last digits, which are of the adding up and not of the law.
pub(crate) fn rounded(share: f64) -> f64 {
    (share * 1e9).round() / 1e9
}

/// A fact asked on a way through a diagram, and the values that lead on.
pub(crate) type Step = (usize, u64);

/// What is told of every way: its terminal and its steps; whether to go on is answered.
pub(crate) type Each<'a> = &'a mut dyn FnMut(u32, &[Step]) -> bool;

/// Where diagrams are made; all that it makes share their nodes.
pub(crate) struct Builder {
    sizes: Vec<usize>,
    nodes: Vec<Node>,
    children: Vec<Ref>,
    /// Every node there is, by its fact and its children.
    unique: HashMap<Box<[Ref]>, Ref>,
    /// Where a node is put together to be looked up.
    key: Vec<Ref>,
}

type Made = Result<Ref, TooLarge>;

impl Builder {
    pub(crate) fn new(vocabulary: &Vocabulary) -> Self {
        let sizes = vocabulary.facts.iter().map(|fact| fact.values.len()).collect();
        let (nodes, children, unique) = (Vec::new(), Vec::new(), HashMap::new());
        Self { sizes, nodes, children, unique, key: Vec::new() }
    }

    fn node(&mut self, fact: u32, children: &[Ref]) -> Made {
        if let Some(first) = children.first()
            && children.iter().all(|child| child == first)
        {
            return Ok(*first);
        }
        self.key.clear();
        self.key.push(Ref(fact));
        self.key.extend_from_slice(children);
        if let Some(found) = self.unique.get(self.key.as_slice()) {
            return Ok(*found);
        }
        if self.nodes.len() >= MOST_NODES {
            return Err(TooLarge);
        }
        let made = Ref(self.nodes.len() as u32);
        self.nodes.push(Node { fact, first: self.children.len() as u32 });
        self.children.extend_from_slice(children);
        self.unique.insert(self.key.as_slice().into(), made);
        Ok(made)
    }

    /// Yes where the fact's value is in the set.
    pub(crate) fn is(&mut self, fact: usize, set: u64) -> Made {
        let size = self.sizes.get(fact).copied().unwrap_or(0);
        let child = |value: usize| {
            if set.checked_shr(value as u32).unwrap_or(0) & 1 == 1 { Ref::YES } else { Ref::NO }
        };
        let children: Vec<Ref> = (0..size).map(child).collect();
        self.node(fact as u32, &children)
    }

    /// Yes where the condition holds.
    pub(crate) fn condition(&mut self, cond: &Cond) -> Made {
        match cond {
            Cond::Const(true) => Ok(Ref::YES),
            Cond::Const(false) => Ok(Ref::NO),
            Cond::Is(fact, set) => self.is(*fact, *set),
            Cond::Not(part) => {
                let part = self.condition(part)?;
                self.not(part)
            }
            Cond::All(parts) => parts.iter().try_fold(Ref::YES, |all, part| {
                let part = self.condition(part)?;
                self.and(all, part)
            }),
            Cond::Any(parts) => parts.iter().try_fold(Ref::NO, |any, part| {
                let part = self.condition(part)?;
                self.or(any, part)
            }),
        }
    }

    pub(crate) fn and(&mut self, a: Ref, b: Ref) -> Made {
        self.apply(a, b, &mut |a, b| a & b)
    }

    pub(crate) fn or(&mut self, a: Ref, b: Ref) -> Made {
        self.apply(a, b, &mut |a, b| a | b)
    }

    pub(crate) fn not(&mut self, a: Ref) -> Made {
        self.apply(a, Ref::YES, &mut |a, b| a ^ b)
    }

    /// The function whose terminal is `op` of the terminals of two.
    pub(crate) fn apply(&mut self, a: Ref, b: Ref, op: &mut dyn FnMut(u32, u32) -> u32) -> Made {
        self.step(a, b, op, &mut HashMap::new())
    }

    fn step(
        &mut self,
        a: Ref,
        b: Ref,
        op: &mut dyn FnMut(u32, u32) -> u32,
        memo: &mut HashMap<(Ref, Ref), Ref>,
    ) -> Made {
        if let (Some(a), Some(b)) = (a.as_terminal(), b.as_terminal()) {
            return Ok(Ref::terminal(op(a, b)));
        }
        if let Some(found) = memo.get(&(a, b)) {
            return Ok(*found);
        }
        let fact = self.fact(a).min(self.fact(b));
        let size = self.sizes.get(fact as usize).copied().unwrap_or(0);
        let mut children = Vec::with_capacity(size);
        for value in 0..size {
            let (a, b) = (self.child(a, fact, value), self.child(b, fact, value));
            children.push(self.step(a, b, op, memo)?);
        }
        let made = self.node(fact, &children)?;
        memo.insert((a, b), made);
        Ok(made)
    }

    /// A function that was made elsewhere, for the same vocabulary.
    pub(crate) fn import(&mut self, from: &Diagram) -> Made {
        let mut made: Vec<Ref> = Vec::with_capacity(from.nodes.len());
        let here = |made: &[Ref], at: Ref| made.get(at.0 as usize).copied().unwrap_or(at);
        for node in &from.nodes {
            let size = from.sizes.get(node.fact as usize).copied().unwrap_or(0);
            let children = from.children.iter().skip(node.first as usize).take(size);
            let children: Vec<Ref> = children.map(|child| here(&made, *child)).collect();
            made.push(self.node(node.fact, &children)?);
        }
        Ok(here(&made, from.root))
    }

    /// Yes where some value of the facts that are forgotten makes it so.
    pub(crate) fn forget(&mut self, at: Ref, gone: &dyn Fn(usize) -> bool) -> Made {
        self.without(at, gone, &mut HashMap::new())
    }

    fn without(
        &mut self,
        at: Ref,
        gone: &dyn Fn(usize) -> bool,
        memo: &mut HashMap<Ref, Ref>,
    ) -> Made {
        let fact = self.fact(at);
        let Some(size) = self.sizes.get(fact as usize).copied() else { return Ok(at) };
        if let Some(found) = memo.get(&at) {
            return Ok(*found);
        }
        let mut children = Vec::with_capacity(size);
        for value in 0..size {
            let child = self.child(at, fact, value);
            children.push(self.without(child, gone, memo)?);
        }
        let made = if gone(fact as usize) {
            children.into_iter().try_fold(Ref::NO, |any, child| self.or(any, child))?
        } else {
            self.node(fact, &children)?
        };
        memo.insert(at, made);
        Ok(made)
    }

    fn fact(&self, at: Ref) -> u32 {
        self.nodes.get(at.0 as usize).map_or(u32::MAX, |node| node.fact)
    }

    /// The child for a value; the function itself where it does not ask this fact first.
    fn child(&self, at: Ref, fact: u32, value: usize) -> Ref {
        match self.nodes.get(at.0 as usize) {
            Some(node) if node.fact == fact => {
                self.children.get(node.first as usize + value).copied().unwrap_or(at)
            }
            _ => at,
        }
    }

    /// A function by itself, with the nodes it needs, children before parents.
    pub(crate) fn finish(&self, root: Ref) -> Diagram {
        let mut diagram = Diagram {
            nodes: Vec::new(),
            children: Vec::new(),
            sizes: self.sizes.clone(),
            root: Ref::NO,
        };
        let mut moved = HashMap::new();
        diagram.root = self.copy(root, &mut diagram, &mut moved);
        diagram
    }

    fn copy(&self, at: Ref, into: &mut Diagram, moved: &mut HashMap<Ref, Ref>) -> Ref {
        let Some(node) = self.nodes.get(at.0 as usize) else { return at };
        if let Some(done) = moved.get(&at) {
            return *done;
        }
        let size = self.sizes.get(node.fact as usize).copied().unwrap_or(0);
        let first = node.first as usize;
        let old: Vec<Ref> = self.children.get(first..first + size).unwrap_or_default().to_vec();
        let children: Vec<Ref> = old.into_iter().map(|it| self.copy(it, into, moved)).collect();
        let made = Ref(into.nodes.len() as u32);
        into.nodes.push(Node { fact: node.fact, first: into.children.len() as u32 });
        into.children.extend(children);
        moved.insert(at, made);
        made
    }
}

impl Diagram {
    /// How many nodes it has.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The terminal, where every fact on the way has one value.
    pub(crate) fn follow(&self, facts: &Facts) -> Option<u32> {
        let mut at = self.root;
        while let Some(node) = self.nodes.get(at.0 as usize) {
            let value = facts.value(node.fact as usize)?;
            at = *self.children.get(node.first as usize + value)?;
        }
        at.as_terminal()
    }

    /// Every terminal that some completion of the facts leads to, smallest first.
    pub(crate) fn reach(&self, facts: &Facts) -> Vec<u32> {
        let mut seen = vec![false; self.nodes.len()];
        let mut found = Vec::new();
        let mut open = vec![self.root];
        while let Some(at) = open.pop() {
            match at.as_terminal() {
                Some(terminal) => found.push(terminal),
                None => {
                    if let Some(seen) = seen.get_mut(at.0 as usize)
                        && !std::mem::replace(seen, true)
                    {
                        open.extend(self.edges(at, facts).map(|(_, child)| child));
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The values of a node's fact that are still possible, with the children they lead to.
    fn edges<'a>(&'a self, at: Ref, facts: &Facts) -> impl Iterator<Item = (usize, Ref)> + 'a {
        let node = self.nodes.get(at.0 as usize).copied();
        let fact = node.map_or(0, |node| node.fact as usize);
        let size = node.and_then(|_| self.sizes.get(fact).copied()).unwrap_or(0);
        let domain = facts.domain(fact);
        (0..size)
            .filter(move |value| domain.checked_shr(*value as u32).unwrap_or(0) & 1 == 1)
            .filter_map(move |value| {
                let first = node?.first as usize;
                Some((value, *self.children.get(first + value)?))
            })
    }

    /// A completion of the facts that leads to a terminal wanted: for each fact on the way the
    /// values that lead there together.
    pub(crate) fn way(&self, facts: &Facts, wanted: &dyn Fn(u32) -> bool) -> Option<Vec<Step>> {
        let mut dead = vec![false; self.nodes.len()];
        let mut way = Vec::new();
        self.seek(self.root, facts, wanted, &mut dead, &mut way).then_some(way)
    }

    fn seek(
        &self,
        at: Ref,
        facts: &Facts,
        wanted: &dyn Fn(u32) -> bool,
        dead: &mut [bool],
        way: &mut Vec<Step>,
    ) -> bool {
        if let Some(terminal) = at.as_terminal() {
            return wanted(terminal);
        }
        let place = at.0 as usize;
        if dead.get(place).copied().unwrap_or(true) {
            return false;
        }
        let fact = self.nodes.get(place).map_or(0, |node| node.fact as usize);
        let edges: Vec<(usize, Ref)> = self.edges(at, facts).collect();
        for (_, child) in &edges {
            let same = edges.iter().filter(|(_, other)| other == child);
            let set = same.fold(0, |set, (v, _)| set | 1_u64.checked_shl(*v as u32).unwrap_or(0));
            way.push((fact, set));
            if self.seek(*child, facts, wanted, dead, way) {
                return true;
            }
            way.pop();
        }
        if let Some(dead) = dead.get_mut(place) {
            *dead = true;
        }
        false
    }

    /// Every way from the root to a terminal, with the facts asked on it and the values that lead
    /// on; ends early where `each` says so.
    pub(crate) fn ways(&self, each: Each<'_>) {
        self.walk(self.root, &mut Vec::new(), each);
    }

    fn walk(&self, at: Ref, way: &mut Vec<Step>, each: Each<'_>) -> bool {
        let Some(node) = self.nodes.get(at.0 as usize) else {
            return at.as_terminal().is_none_or(|terminal| each(terminal, way));
        };
        let size = self.sizes.get(node.fact as usize).copied().unwrap_or(0);
        let first = node.first as usize;
        let children = self.children.get(first..first + size).unwrap_or_default();
        let mut done: Vec<Ref> = Vec::new();
        for child in children {
            if done.contains(child) {
                continue;
            }
            done.push(*child);
            let same = children.iter().zip(0_u32..).filter(|(other, _)| *other == child);
            let set = same.fold(0, |set, (_, v)| set | 1_u64.checked_shl(v).unwrap_or(0));
            way.push((node.fact as usize, set));
            let go_on = self.walk(*child, way, each);
            way.pop();
            if !go_on {
                return false;
            }
        }
        true
    }

    /// How the completions of the facts spread over the terminals: for each the share of all ways
    /// in which the unknown facts could turn out, each way counted alike.
    pub(crate) fn shares(&self, facts: &Facts, terminals: usize) -> Vec<f64> {
        // Children stand before their parents, so one pass from the root down meets every node
        // after all that lead to it.
        let mut weight = vec![0.0_f64; self.nodes.len()];
        let mut shares = vec![0.0_f64; terminals];
        let mut give = |at: Ref, share: f64, weight: &mut Vec<f64>| match at.as_terminal() {
            Some(terminal) => {
                if let Some(slot) = shares.get_mut(terminal as usize) {
                    *slot += share;
                }
            }
            None => {
                if let Some(slot) = weight.get_mut(at.0 as usize) {
                    *slot += share;
                }
            }
        };
        give(self.root, 1.0, &mut weight);
        for place in (0..self.nodes.len()).rev() {
            let share = weight.get(place).copied().unwrap_or(0.0);
            if share > 0.0 {
                let edges: Vec<(usize, Ref)> = self.edges(Ref(place as u32), facts).collect();
                let part = share / edges.len().max(1) as f64;
                edges.iter().for_each(|(_, child)| give(*child, part, &mut weight));
            }
        }
        shares
    }

    /// Whether a fact can decide: with all others fixed in some way, two of its possible values
    /// lead to terminals that `differ`.
    pub(crate) fn matters(
        &self,
        fact: usize,
        facts: &Facts,
        differ: &dyn Fn(u32, u32) -> bool,
    ) -> bool {
        let mut seen = vec![false; self.nodes.len()];
        let mut open = vec![self.root];
        let mut memo = HashMap::new();
        while let Some(at) = open.pop() {
            let Some(node) = self.nodes.get(at.0 as usize) else { continue };
            let new = seen.get_mut(at.0 as usize).is_some_and(|it| !std::mem::replace(it, true));
            if !new || node.fact as usize > fact {
                continue;
            }
            let children: Vec<Ref> = self.edges(at, facts).map(|(_, child)| child).collect();
            if (node.fact as usize) < fact {
                open.extend(children);
                continue;
            }
            for (place, a) in children.iter().enumerate() {
                for b in children.iter().take(place) {
                    if self.apart(*a, *b, facts, differ, &mut memo) {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Whether two functions differ for some completion.
    fn apart(
        &self,
        a: Ref,
        b: Ref,
        facts: &Facts,
        differ: &dyn Fn(u32, u32) -> bool,
        memo: &mut HashMap<(Ref, Ref), bool>,
    ) -> bool {
        if let (Some(a), Some(b)) = (a.as_terminal(), b.as_terminal()) {
            return differ(a, b);
        }
        if a == b {
            return false;
        }
        if let Some(known) = memo.get(&(a, b)) {
            return *known;
        }
        let fact_of = |at: Ref| self.nodes.get(at.0 as usize).map_or(u32::MAX, |node| node.fact);
        let first = fact_of(a).min(fact_of(b));
        let step = |at: Ref, value: usize| match self.nodes.get(at.0 as usize) {
            Some(node) if node.fact == first => {
                self.children.get(node.first as usize + value).copied().unwrap_or(at)
            }
            _ => at,
        };
        let asks = if fact_of(a) == first { a } else { b };
        let values: Vec<usize> = self.edges(asks, facts).map(|(value, _)| value).collect();
        let apart = values
            .into_iter()
            .any(|value| self.apart(step(a, value), step(b, value), facts, differ, memo));
        memo.insert((a, b), apart);
        apart
    }
}
