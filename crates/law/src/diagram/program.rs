//! A diagram as it is walked for many rows at once.

use super::{Diagram, Ref};

/// A diagram as steps over planes: a plane has a bit for each row, set where the row can come to a
/// node. A plane is used again as soon as no step to come asks for it, so that few are needed and
/// they stay in the nearer caches.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// The facts that are asked, in the order of the walk, each once.
    pub(crate) asked: Vec<Asked>,
    /// The plane of all rows, from which they set out.
    pub(crate) root: usize,
    /// How many planes there are. The first are those of the terminals, by their number.
    pub(crate) planes: usize,
}

/// What is done when a fact is asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) fact: usize,
    /// How many values the fact has.
    pub(crate) size: usize,
    /// The sets of its values that lead on, each once.
    pub(crate) sets: Vec<Vec<u8>>,
    pub(crate) moves: Vec<Move>,
}

/// Rows at a node go on: those with a value in a set one way, and the others another.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    /// The plane of the rows that are here.
    pub(crate) from: usize,
    /// The place of the set among those of the fact.
    pub(crate) set: usize,
    pub(crate) yes: Way,
    /// Nothing where a node has more than two ways on: each of them is a step then.
    pub(crate) no: Option<Way>,
}

/// Where a step leads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    /// The plane of the rows that come there.
    pub(crate) to: usize,
    /// Whether it is the first that leads there, so that what the plane had before is forgotten.
    pub(crate) first: bool,
}

impl Diagram {
    /// The diagram as a program, for as many terminals.
    pub(crate) fn program(&self, terminals: usize) -> Program {
        let mut planes = Planes::new(terminals, self.nodes.len());
        let root = planes.of(self.root).to;
        // By fact; children have later facts than their parents, and so come after them.
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        let fact = |node: usize| self.nodes.get(node).map_or(usize::MAX, |it| it.fact as usize);
        order.sort_by_key(|node| (fact(*node), std::cmp::Reverse(*node)));
        let mut asked: Vec<Asked> = Vec::new();
        for node in order {
            let fact = fact(node);
            if asked.last().is_none_or(|last| last.fact != fact) {
                let size = self.sizes.get(fact).copied().unwrap_or(0);
                asked.push(Asked { fact, size, sets: Vec::new(), moves: Vec::new() });
            }
            if let Some(asked) = asked.last_mut() {
                self.leave(node, asked, &mut planes);
            }
        }
        Program { asked, root, planes: planes.most }
    }

    /// The steps that lead on from a node.
    fn leave(&self, node: usize, asked: &mut Asked, planes: &mut Planes) {
        let mut ways: Vec<(Ref, Vec<u8>)> = Vec::new();
        let first = self.nodes.get(node).map_or(0, |node| node.first as usize);
        let children = self.children.get(first..).unwrap_or_default();
        for (value, child) in (0_u8..).zip(children.iter().take(asked.size)) {
            match ways.iter_mut().find(|(other, _)| other == child) {
                Some((_, values)) => values.push(value),
                None => ways.push((*child, vec![value])),
            }
        }
        let from = planes.of(Ref(node as u32)).to;
        // Of a set and its complement the smaller is looked for; of two halves, the one without
        // the first value, so that all nodes look for the same.
        ways.sort_by_key(|(_, values)| (values.len(), values.contains(&0)));
        let mut ways = ways.into_iter();
        let two = ways.len() == 2;
        while let Some((to, values)) = ways.next() {
            let set = place(&mut asked.sets, values);
            let yes = planes.of(to);
            let no = if two { ways.next().map(|(to, _)| planes.of(to)) } else { None };
            asked.moves.push(Move { from, set, yes, no });
        }
        planes.leave(node);
    }
}

/// Which plane a node has while rows are there.
struct Planes {
    /// Whether some way has led to a terminal yet.
    terminals: Vec<bool>,
    nodes: Vec<Option<usize>>,
    free: Vec<usize>,
    most: usize,
}

impl Planes {
    fn new(terminals: usize, nodes: usize) -> Self {
        let (terminals, most) = (vec![false; terminals], terminals);
        Self { terminals, nodes: vec![None; nodes], free: Vec::new(), most }
    }

    /// The plane of a node or a terminal; a node that has none gets one.
    fn of(&mut self, at: Ref) -> Way {
        if let Some(terminal) = at.as_terminal() {
            let to = terminal as usize;
            let known = self.terminals.get_mut(to).is_some_and(|it| std::mem::replace(it, true));
            return Way { to, first: !known };
        }
        let Some(slot) = self.nodes.get_mut(at.0 as usize) else {
            return Way { to: usize::MAX, first: false };
        };
        let first = slot.is_none();
        let to = *slot.get_or_insert_with(|| {
            self.free.pop().unwrap_or_else(|| {
                self.most = self.most.saturating_add(1);
                self.most.saturating_sub(1)
            })
        });
        Way { to, first }
    }

    /// Nothing will be asked of a node again.
    fn leave(&mut self, node: usize) {
        self.free.extend(self.nodes.get_mut(node).and_then(Option::take));
    }
}

/// The place of something in a list, where it is added if it is not there.
fn place<T: PartialEq>(list: &mut Vec<T>, it: T) -> usize {
    list.iter().position(|other| *other == it).unwrap_or_else(|| {
        list.push(it);
        list.len().saturating_sub(1)
    })
}
