//! From a pattern's JSON to its rules: fields that all must match, one rule for each combination of `$or`.

use std::collections::BTreeMap;
use std::sync::Arc;

use json::{Array, Object, Value};

use super::condition::{self, Condition};
use super::invalid::Invalid;
use super::number::Numbers;
use super::rule::Rule;
use super::{Pattern, number};

/// More fields in all rules together than this are refused: `$or` multiplies, and a pattern of 4 KB could
/// otherwise become some hundred thousand of them.
const FIELDS_MAX: usize = 20_000;

/// Deeper fields than this are refused. The parser of events lets no more levels through.
pub(super) const LEVELS_MAX: usize = json::DEPTH_MAX;

/// Names that may not stand inside `$or`: AWS keeps them for conditions that may come.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// In what EventBridge's patterns and SNS's filter policies differ.
pub(crate) struct Grammar {
    pub(crate) numbers: Numbers,
    /// How many combinations of `$or` there may be.
    pub(crate) combinations_max: usize,
    /// Whether fields may have fields.
    pub(crate) nested: bool,
}

impl Grammar {
    pub(crate) const EVENT_BRIDGE: Grammar =
        Grammar { numbers: number::EVENT_BRIDGE, combinations_max: 1000, nested: true };

    pub(crate) const SNS: Grammar = Grammar { numbers: number::SNS, ..Grammar::EVENT_BRIDGE };
}

/// What compiling gives.
pub(crate) struct Compiled {
    pub(crate) pattern: Pattern,
    /// For each rule, its fields: how deep each lies (1 for one at the top) and how many conditions it has.
    pub(crate) sizes: Vec<Vec<(usize, usize)>>,
}

/// The conditions of each field of one rule, by its path.
pub(super) type Fields = BTreeMap<Arc<str>, Arc<[Condition]>>;

pub(crate) fn compile(pattern: &Value, grammar: &Grammar) -> Result<Compiled, Invalid> {
    let Value::Object(members) = pattern else { return Err(Invalid::new("", "Filter is not an object")) };
    if pattern.depth_exceeds(LEVELS_MAX) {
        return Err(Invalid::new("", format!("A pattern nests at most {LEVELS_MAX} levels deep")));
    }
    let mut reader = Reader { grammar, fields: 0 };
    let mut rules = vec![Fields::new()];
    reader.object(&mut rules, "", members, false)?;
    let levels = |path: &str| path.split('.').count();
    if rules.iter().flat_map(Fields::keys).any(|path| levels(path) > LEVELS_MAX) {
        return Err(Invalid::new("", format!("A field lies at most {LEVELS_MAX} levels deep")));
    }
    let size = |(path, conditions): (&Arc<str>, &Arc<[Condition]>)| (levels(path), conditions.len());
    let sizes = rules.iter().map(|fields| fields.iter().map(size).collect()).collect();
    let rules = rules.iter().map(Rule::new).collect();
    Ok(Compiled { pattern: Pattern { rules }, sizes })
}

struct Reader<'a> {
    grammar: &'a Grammar,
    /// How many fields were put into rules so far.
    fields: usize,
}

impl Reader<'_> {
    /// Adds an object's fields to all rules there are. `$or` makes more rules of each.
    fn object(
        &mut self,
        rules: &mut Vec<Fields>,
        path: &str,
        members: &Object,
        inside_or: bool,
    ) -> Result<(), Invalid> {
        if members.is_empty() {
            return Err(Invalid::new(path, "Empty objects are not allowed"));
        }
        for (name, value) in members.iter() {
            if name == "$or" {
                self.or(rules, path, value)?;
                continue;
            }
            let place = joined(path, name);
            if inside_or && RESERVED.contains(&name.as_str()) {
                let reason = format!("{name} is Ruler reserved fieldName which cannot be used inside $or.");
                return Err(Invalid::new(place, reason));
            }
            match value {
                Value::Object(_) if !self.grammar.nested => {
                    let scope = "Filter policy scope MessageAttributes does not support nested filter policy";
                    return Err(Invalid::new(place, scope));
                }
                Value::Object(members) => self.object(rules, &place, members, inside_or)?,
                Value::Array(alternatives) => self.field(rules, place, alternatives)?,
                _ => {
                    let reason = format!("\"{name}\" must be an object or an array");
                    return Err(Invalid::new(place, reason));
                }
            }
        }
        Ok(())
    }

    /// One field's conditions, of which one must hold.
    fn field(&mut self, rules: &mut [Fields], place: String, alternatives: &Array) -> Result<(), Invalid> {
        let numbers = &self.grammar.numbers;
        let mut conditions = Vec::with_capacity(alternatives.len());
        for (index, alternative) in alternatives.iter().enumerate() {
            let read = condition::read(alternative, numbers);
            conditions.push(read.map_err(|reason| Invalid::new(format!("{place}[{index}]"), reason))?);
        }
        if conditions.is_empty() {
            return Err(Invalid::new(place, "Empty arrays are not allowed"));
        }
        self.count(rules.len(), &place)?;
        let (path, conditions): (Arc<str>, Arc<[_]>) = (place.into(), conditions.into());
        for rule in rules {
            // A field that was there already is replaced, as it is in AWS's compiler.
            rule.insert(path.clone(), conditions.clone());
        }
        Ok(())
    }

    /// Each alternative goes on from what all rules have so far.
    fn or(&mut self, rules: &mut Vec<Fields>, path: &str, value: &Value) -> Result<(), Invalid> {
        let place = joined(path, "$or");
        let Value::Array(alternatives) = value else {
            return Err(Invalid::new(place, "It must be an Array followed with $or."));
        };
        let before = std::mem::take(rules);
        for (index, alternative) in alternatives.iter().enumerate() {
            let Value::Object(members) = alternative else {
                let reason = "Only JSON object is allowed in array of $or relationship.";
                return Err(Invalid::new(format!("{place}[{index}]"), reason));
            };
            self.count(before.iter().map(Fields::len).sum(), &place)?;
            let mut forked = before.clone();
            self.object(&mut forked, path, members, true)?;
            rules.append(&mut forked);
            let combinations_max = self.grammar.combinations_max;
            if rules.len() > combinations_max {
                let reason = format!("$or makes more than {combinations_max} combinations");
                return Err(Invalid::new(place, reason));
            }
        }
        if alternatives.len() < 2 {
            return Err(Invalid::new(place, "There must have at least 2 Objects in $or relationship."));
        }
        Ok(())
    }

    fn count(&mut self, fields: usize, place: &str) -> Result<(), Invalid> {
        self.fields += fields;
        if self.fields > FIELDS_MAX {
            let reason = format!("A pattern has at most {FIELDS_MAX} fields in all combinations of $or");
            return Err(Invalid::new(place, reason));
        }
        Ok(())
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
