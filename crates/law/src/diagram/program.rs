//! A diagram as it is walked for many rows at once.

use super::{Diagram, Ref};

/// A diagram as it is walked for many rows: nodes from the root on, each after all that lead to
/// it, with an edge for every child.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// The facts that are asked, each once.
    pub(crate) facts: Vec<usize>,
    /// The sets of values that lead anywhere, each once.
    pub(crate) sets: Vec<Set>,
    pub(crate) nodes: Vec<ProgramNode>,
    pub(crate) root: Target,
}

/// Values of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Set {
    /// The fact's place among the facts of the program.
    pub(crate) fact: usize,
    pub(crate) values: Vec<u8>,
    /// How many values the fact has.
    pub(crate) size: usize,
}

/// A node of a program.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProgramNode {
    pub(crate) edges: Vec<Edge>,
}

/// An edge of a program.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    /// The place of its values among the sets of the program.
    pub(crate) set: usize,
    pub(crate) to: Target,
}

/// The node or the outcome that an edge leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Node(usize),
    /// A [`RowOutcome::code`].
    Outcome(usize),
}

impl Diagram {
    /// The diagram as a program; its terminals are codes already.
    pub(crate) fn program(&self) -> Program {
        // Children stand before parents here, and after them in a program.
        let last = self.nodes.len().saturating_sub(1);
        let target = |at: Ref| match at.as_terminal() {
            Some(terminal) => Target::Outcome(terminal as usize),
            None => Target::Node(last.saturating_sub(at.0 as usize)),
        };
        let mut program =
            Program { facts: vec![], sets: vec![], nodes: vec![], root: target(self.root) };
        for node in self.nodes.iter().rev() {
            let fact = node.fact as usize;
            let size = self.sizes.get(fact).copied().unwrap_or(0);
            let first = node.first as usize;
            let mut groups: Vec<(Target, Vec<u8>)> = Vec::new();
            let children = self.children.get(first..first + size).unwrap_or_default();
            for (value, child) in (0_u8..).zip(children) {
                let to = target(*child);
                match groups.iter_mut().find(|(other, _)| *other == to) {
                    Some((_, values)) => values.push(value),
                    None => groups.push((to, vec![value])),
                }
            }
            let fact = place(&mut program.facts, fact);
            let edge = |(to, values)| {
                let set = place(&mut program.sets, Set { fact, values, size });
                Edge { set, to }
            };
            let edges = groups.into_iter().map(edge).collect();
            program.nodes.push(ProgramNode { edges });
        }
        program
    }
}

/// The place of something in a list, where it is added if it is not there.
fn place<T: PartialEq>(list: &mut Vec<T>, it: T) -> usize {
    list.iter().position(|other| *other == it).unwrap_or_else(|| {
        list.push(it);
        list.len().saturating_sub(1)
    })
}
