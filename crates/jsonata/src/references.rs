//! What an expression names of the world outside, for checks before it ever runs.

use std::collections::BTreeSet;

use json::Text;

use crate::ast::{Ast, Kind};
use crate::compile::{behind, children};
use crate::program::Program;

/// The names in an expression whose meaning comes from outside, each once, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Variables, without `$`, that the expression does not bind itself. Built-in functions are not
    /// among them, `states` is.
    pub variables: Vec<Text>,
    /// The names behind `$states`, as far as they are known: `$states.input.a[0].b` gives
    /// `["input", "a"]`, `$states` alone nothing.
    pub states: Vec<Vec<Text>>,
    /// Bare names that mean members of the input, which state machines have not:
    /// `Reference to 'phone' at the top level is not supported.`
    pub top_level_names: Vec<Text>,
    /// `$`, `*`, `**` or `%` mean the input somewhere.
    pub input: bool,
    /// `$$` is used somewhere.
    pub root: bool,
    /// The first `??` or `?:`, which JSONata 2.0.6, the version of AWS, does not know.
    pub newer_operator: Option<&'static str>,
}

/// What is noted already.
#[derive(Default)]
struct Seen {
    names: BTreeSet<Text>,
    states: BTreeSet<Vec<Text>>,
}

impl References {
    pub(crate) fn of(ast: &Ast, program: &Program) -> References {
        let mut references = References::default();
        for global in program.globals.iter().filter(|global| global.free) {
            // A built-in function may be hidden by a variable of its name, so its name may be that of no
            // variable at all.
            if crate::builtin::find(&global.name).is_none() {
                references.variables.push(global.name.clone());
            }
        }
        references.look(ast, true, &mut Seen::default());
        // `$states` is a name like others, and an expression may bind it itself.
        if !names_states(program) {
            references.states.clear();
        }
        references
    }

    /// `top`: `$` is the input here.
    fn look(&mut self, ast: &Ast, top: bool, seen: &mut Seen) {
        match &ast.kind {
            Kind::Path { steps, .. } => self.path(steps, top, seen),
            Kind::Variable(name) => match &**name {
                "" => self.input |= top,
                "$" => self.root = true,
                "states" => self.note_states(Vec::new(), seen),
                _ => {}
            },
            Kind::Wildcard | Kind::Descendants | Kind::Parent(_) => self.input |= top,
            Kind::Name(name) => {
                if top && seen.names.insert(name.clone()) {
                    self.top_level_names.push(name.clone());
                }
            }
            Kind::Binary(operator, left, right) => {
                self.look(left, top, seen);
                if matches!(*operator, "??" | "?:") {
                    self.newer_operator.get_or_insert(*operator);
                }
                self.look(right, top, seen);
            }
            // Its `$` is what stands around the definition, and AWS lets names in it pass.
            Kind::Lambda { body, .. } => self.look(body, false, seen),
            Kind::Transform { pattern, update, delete } => {
                self.look(pattern, false, seen);
                self.look(update, false, seen);
                if let Some(delete) = delete {
                    self.look(delete, false, seen);
                }
            }
            Kind::Call { procedure, arguments, .. } => {
                self.look(procedure, top, seen);
                arguments.iter().for_each(|argument| self.look(argument, top, seen));
            }
            Kind::Sort(terms) => terms.iter().for_each(|term| self.look(&term.key, false, seen)),
            _ => {
                // Only what stands in the node itself; what stands behind it comes below.
                let mut bare = Vec::new();
                children(ast, &mut |child| bare.push(child));
                let behind = behind(ast).len();
                bare.truncate(bare.len() - behind);
                bare.into_iter().for_each(|child| self.look(child, top, seen));
            }
        }
        behind(ast).into_iter().for_each(|child| self.look(child, false, seen));
    }

    fn path(&mut self, steps: &[Ast], top: bool, seen: &mut Seen) {
        if let Some(first) = steps.first()
            && matches!(&first.kind, Kind::Variable(name) if &**name == "states")
        {
            let mut names = Vec::new();
            let mut before = first;
            for step in &steps[1..] {
                // A filter between them ends what is known.
                let Kind::Name(name) = &step.kind else { break };
                if before.stages.is_some() || before.predicates.is_some() {
                    break;
                }
                names.push(name.clone());
                before = step;
            }
            self.note_states(names, seen);
            behind(first).into_iter().for_each(|child| self.look(child, false, seen));
        } else if let Some(first) = steps.first() {
            self.look(first, top, seen);
        }
        steps.iter().skip(1).for_each(|step| self.look(step, false, seen));
    }

    fn note_states(&mut self, names: Vec<Text>, seen: &mut Seen) {
        if seen.states.insert(names.clone()) {
            self.states.push(names);
        }
    }
}

fn names_states(program: &Program) -> bool {
    program.globals.iter().any(|global| global.name == "states" && global.free)
}
