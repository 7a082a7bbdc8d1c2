//! One combination of a pattern: a tree of fields that all must match, and the walk over an event.

use std::sync::Arc;

use json::Text;

use super::compile::Fields;
use super::condition::Condition;
use super::event::Part;

/// Fields that all must match.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    root: Node,
    /// The names on the way to each field that may be absent.
    absences: Vec<Vec<Text>>,
}

/// A name on the way to fields. A node can have conditions and nodes below it: `{"a": [1], "a.b": [2]}`.
#[derive(Clone, Debug, Default)]
struct Node {
    field: Option<Field>,
    below: Vec<(Text, Node)>,
}

#[derive(Clone, Debug)]
struct Field {
    /// One must hold for one value.
    conditions: Arc<[Condition]>,
    /// If `{"exists": false}` is among them: which of the rule's absences this is.
    absence: Option<usize>,
}

impl Rule {
    pub(super) fn new(fields: &Fields) -> Rule {
        let mut rule = Rule { root: Node::default(), absences: Vec::new() };
        for (path, conditions) in fields {
            let names: Vec<Text> = path.split('.').map(Text::new).collect();
            let absence = conditions.contains(&Condition::Absent).then(|| {
                rule.absences.push(names.clone());
                rule.absences.len() - 1
            });
            let node = names.into_iter().fold(&mut rule.root, Node::descend);
            node.field = Some(Field { conditions: conditions.clone(), absence });
        }
        rule
    }

    pub(super) fn matches(&self, event: &Part) -> bool {
        // A field is absent if it is nowhere in the event: in an array, in no item of it.
        let absent: Vec<bool> = self.absences.iter().map(|names| !is_there(event, names)).collect();
        self.root.matches(Some(event), &absent)
    }
}

impl Node {
    fn descend(&mut self, name: Text) -> &mut Node {
        let place = self.below.iter().position(|(known, _)| *known == name);
        let place = place.unwrap_or_else(|| {
            self.below.push((name, Node::default()));
            self.below.len() - 1
        });
        &mut self.below[place].1
    }

    /// Whether all fields from here on match what the event has here.
    fn matches(&self, value: Option<&Part>, absent: &[bool]) -> bool {
        if let Some(field) = &self.field
            && !field.matches(value, absent)
        {
            return false;
        }
        self.below.is_empty() || self.below_matches(value, absent)
    }

    fn below_matches(&self, value: Option<&Part>, absent: &[bool]) -> bool {
        match value {
            Some(Part::Object(members)) => {
                self.below.iter().all(|(name, node)| node.matches(members.get(name), absent))
            }
            Some(Part::Array(items)) if items.iter().any(|item| self.below_matches(Some(item), absent)) => {
                true
            }
            // Nothing is here that could have names: well if nothing should be there.
            _ => self.below.iter().all(|(_, node)| node.is_absent(absent)),
        }
    }

    /// Whether all fields from here on are content with being absent, and are.
    fn is_absent(&self, absent: &[bool]) -> bool {
        self.field.as_ref().is_none_or(|field| field.is_absent(absent))
            && self.below.iter().all(|(_, node)| node.is_absent(absent))
    }
}

impl Field {
    fn is_absent(&self, absent: &[bool]) -> bool {
        self.absence.is_some_and(|absence| absent[absence])
    }

    fn matches(&self, value: Option<&Part>, absent: &[bool]) -> bool {
        self.is_absent(absent) || value.is_some_and(|value| self.holds(value))
    }

    /// Whether a condition holds for the value, or for one of an array's. Objects have no value of their own.
    fn holds(&self, value: &Part) -> bool {
        match value {
            Part::Object(_) => false,
            Part::Array(items) => items.iter().any(|item| self.holds(item)),
            Part::Scalar(value) => self.conditions.iter().any(|condition| condition.holds(value)),
        }
    }
}

/// Whether the event has a value at the end of these names.
fn is_there(value: &Part, names: &[Text]) -> bool {
    match (value, names) {
        (Part::Array(items), _) => items.iter().any(|item| is_there(item, names)),
        (Part::Object(members), [name, rest @ ..]) => {
            members.get(name).is_some_and(|member| is_there(member, rest))
        }
        (Part::Object(_), []) => false,
        (Part::Scalar(_), rest) => rest.is_empty(),
    }
}
