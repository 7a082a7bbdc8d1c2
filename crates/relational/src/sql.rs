//! Statements as the Data API takes them, with `:name` where a value goes, and as databases take them.
//!
//! A name becomes a real parameter (`$1`, `?`): no value ever becomes text of a statement. What looks like a name within quotes,
//! comments and casts is none. Never here: values.

mod scan;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use scan::{Found, Scan};

/// How a database writes its language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Postgres,
    MySql,
}

/// A statement as its database takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// With `$1` or `?` where values go.
    pub(crate) text: String,
    /// Whose value goes where, in the order of the database's parameters. MySQL's has a name as often as it is used.
    pub(crate) names: Vec<String>,
    /// Whether the next one who gets the connection notices nothing of it.
    pub(crate) leaves_no_trace: bool,
}

/// Why a statement is refused before it reaches the database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Complaint {
    /// AWS's words. (User guide, "Troubleshooting")
    #[error("Multistatements aren't supported")]
    Several,
    /// It would be mixed up with the parameters that we number.
    #[error("{0} in the statement is not supported: write :name, and give a parameter of that name")]
    Numbered(String),
}

/// Reads a statement.
pub(crate) fn parse(sql: &str, dialect: Dialect) -> Result<Statement, Complaint> {
    let mut text = String::with_capacity(sql.len() + 8);
    let mut names: Vec<String> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut first_word = None;
    let mut is_over = false;
    for found in Scan::new(sql, dialect) {
        let has_body = first_word.is_some_and(|word| is_one_of(word, &WITH_BODIES));
        if is_over && !has_body && !matches!(found, Found::Blank(_)) {
            return Err(Complaint::Several);
        }
        match found {
            Found::Blank(part) | Found::Other(part) => text.push_str(part),
            Found::Word(word) => {
                first_word.get_or_insert(word);
                text.push_str(word);
            }
            Found::End => {
                is_over = true;
                text.push(';');
            }
            Found::Numbered(number) => return Err(Complaint::Numbered(number.to_owned())),
            Found::Name(name) => match dialect {
                Dialect::MySql => {
                    names.push(name.to_owned());
                    text.push('?');
                }
                Dialect::Postgres => {
                    let place = *places.entry(name).or_insert_with(|| {
                        names.push(name.to_owned());
                        names.len()
                    });
                    text.push_str(&format!("${place}"));
                }
            },
        }
    }
    let leaves_no_trace =
        first_word.is_some_and(|word| is_one_of(word, &PLAIN)) && !may_leave_a_trace(&text, dialect);
    Ok(Statement { text, names, leaves_no_trace })
}

/// Statements that begin so change rows and nothing else of a connection. All others may: `SET`, `CREATE TEMPORARY TABLE`, `LOCK TABLES`, `USE`.
const PLAIN: [&str; 12] = [
    "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "TABLE", "MERGE", "REPLACE", "SHOW", "EXPLAIN",
    "ANALYZE",
];

/// Statements that begin so can have others within them, as a procedure has. The databases refuse several by themselves, too.
const WITH_BODIES: [&str; 3] = ["CREATE", "ALTER", "BEGIN"];

/// Whether a statement that begins harmlessly may leave something on its connection all the same: settings, locks, temporary
/// tables, variables. That a text only looks so costs it its connection, no more.
fn may_leave_a_trace(text: &str, dialect: Dialect) -> bool {
    let text = text.to_ascii_lowercase();
    let makes_table = text.starts_with("select") || text.starts_with("with");
    ["set_config", "advisory", "get_lock"].iter().any(|word| text.contains(word))
        || makes_table && text.split_ascii_whitespace().any(|word| word == "into") && !text.contains("insert")
        || matches!(dialect, Dialect::MySql) && text.contains('@')
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}
