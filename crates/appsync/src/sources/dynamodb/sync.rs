//! `Sync`: all items, and afterwards only what has changed since. (spec/appsync.md §8, §9)
//!
//! What was changed lately stands among the changes, a partition for each day; whoever was away for longer than they are
//! remembered reads the table itself.

use json::Value;

use super::expressions::{Input, Placeholders};
use super::page::items;
use super::values::of_text;
use super::versions::{day_of, key_text, partition_name, time_of_day};
use super::{Table, Versions};
use crate::sources::request::{Part, mistake};
use crate::sources::{Asking, SourceError};

const LIMIT: i64 = 100;
const LIMIT_MAX: i64 = 1000;
/// So many days without a change are looked through for one page.
const DAYS_MAX: usize = 32;
/// What the changes have beside the items.
const OF_CHANGES: [&str; 4] = ["ds_pk", "ds_sk", "gsi_ds_pk", "gsi_ds_sk"];

/// A request, read.
struct Asked {
    limit: i64,
    filter: Filter,
    /// `deltaIndexName`
    index: Option<String>,
    position: Position,
}

/// A filter, and what it says of the partition.
struct Filter {
    expression: String,
    placeholders: Placeholders,
    /// The attribute of the partition and its value.
    partition: Option<(String, Value)>,
}

/// Where a page goes on.
struct Position {
    /// When the first page was asked for: what `lastSync` is to be next time.
    started_at: i64,
    /// From when on changes are told: `lastSync`, unless that is too long ago. The same for all pages.
    since: Option<i64>,
    /// Among the changes: of which day. (Days since 1970)
    day: Option<i64>,
    key: Option<Value>,
}

impl Table {
    /// `{"items", "nextToken", "scannedCount", "startedAt"}`
    pub(super) async fn sync(&self, part: &Part<'_>, asking: Asking<'_>) -> Result<Value, SourceError> {
        let Some(versions) = &self.versions else { unreachable!("it was checked") };
        let asked = self.read_sync(part, versions, asking).await?;
        match asked.position.since {
            Some(since) => self.changes(&asked, since, versions, asking).await,
            None => self.all(&asked, asking).await,
        }
    }

    async fn read_sync(
        &self,
        part: &Part<'_>,
        versions: &Versions,
        asking: Asking<'_>,
    ) -> Result<Asked, SourceError> {
        part.has_only(&[
            "version",
            "operation",
            "basePartitionKey",
            "deltaIndexName",
            "limit",
            "nextToken",
            "lastSync",
            "filter",
        ])?;
        let limit = part.whole("limit")?.unwrap_or(LIMIT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(mistake(format!(
                "Value {limit} for field '$[limit]' is not between 1 and {LIMIT_MAX}."
            )));
        }
        let last_sync = part.whole("lastSync")?;
        let position = match part.text("nextToken")? {
            None => {
                let started_at = self.started_at(asking);
                let remembered_from = started_at.saturating_sub(versions.delta_minutes * 60_000);
                let since = last_sync.filter(|last| *last >= remembered_from);
                Position { started_at, since, day: None, key: None }
            }
            Some(token) => Position::of(&self.position(token, asking).await?),
        };
        Ok(Asked {
            limit,
            filter: Filter::read(part.part("filter")?, part.text("basePartitionKey")?)?,
            index: part.text("deltaIndexName")?.map(str::to_owned),
            position,
        })
    }

    /// A page of the table itself; of one partition, if the filter says which.
    async fn all(&self, asked: &Asked, asking: Asking<'_>) -> Result<Value, SourceError> {
        let mut input = Input::of_table(&self.name);
        input.set("Limit", asked.limit);
        input.set_some("ExclusiveStartKey", asked.position.key.clone());
        asked.filter.put_into(&mut input)?;
        let operation = match &asked.filter.partition {
            None => "Scan",
            Some((attribute, value)) => {
                input.key_condition(
                    "#appsync_partition = :appsync_partition",
                    [("partition", attribute.as_str(), value.clone())],
                )?;
                "Query"
            }
        };
        let output = self.simple_call(operation, input.finish(), asking).await?;
        let token = match output.get("LastEvaluatedKey") {
            Some(key) => Some(self.sync_token(asked, None, Some(key), asking).await?),
            None => None,
        };
        Ok(result(items(&output), token, scanned(&output), asked))
    }

    /// A page of the changes since a moment, day by day.
    async fn changes(
        &self,
        asked: &Asked,
        since: i64,
        versions: &Versions,
        asking: Asking<'_>,
    ) -> Result<Value, SourceError> {
        let (first, last) = (day_of(since), day_of(asked.position.started_at));
        let mut day = asked.position.day.unwrap_or(first);
        let mut key = asked.position.key.clone();
        let (mut found, mut scanned_count) = (Vec::new(), 0);
        // Where the next page begins: a day, and where in it.
        let mut next = None;
        for _ in 0..DAYS_MAX {
            let from = if day == first { time_of_day(since) } else { String::new() };
            let mut input = Input::of_table(&versions.delta_table);
            input.set("Limit", asked.limit - scanned_count);
            input.set_some("ExclusiveStartKey", key.take());
            asked.filter.put_into(&mut input)?;
            self.of_day(&mut input, asked, day, &from)?;
            let output = self.simple_call("Query", input.finish(), asking).await?;
            scanned_count += scanned(&output);
            found.extend(items(&output).as_array().into_iter().flat_map(|items| items.iter().map(of_change)));
            if let Some(key) = output.get("LastEvaluatedKey") {
                next = Some((day, Some(key.clone())));
                break;
            }
            next = None;
            if day >= last {
                break;
            }
            day += 1;
            next = Some((day, None));
            if scanned_count >= asked.limit {
                break;
            }
        }
        let token = match next {
            Some((day, key)) => Some(self.sync_token(asked, Some(day), key.as_ref(), asking).await?),
            None => None,
        };
        Ok(result(Value::from(found), token, scanned_count, asked))
    }

    /// The changes of one day, of one partition or of all.
    fn of_day(&self, input: &mut Input, asked: &Asked, day: i64, from: &str) -> Result<(), SourceError> {
        let mut name = partition_name(&self.name, day);
        let (mut partition, mut sort) = ("ds_pk", "ds_sk");
        match (&asked.filter.partition, &asked.index) {
            (Some((_, value)), _) => name = format!("{name}:{}", key_text(value)),
            (None, Some(index)) => {
                input.set("IndexName", index.as_str());
                (partition, sort) = ("gsi_ds_pk", "gsi_ds_sk");
            }
            (None, None) => {}
        }
        // An empty text is no value of a key.
        let from = if from.is_empty() { "0" } else { from };
        input.key_condition(
            "#appsync_day = :appsync_day AND #appsync_time >= :appsync_time",
            [("day", partition, of_text(name)), ("time", sort, of_text(from))],
        )
    }

    async fn sync_token(
        &self,
        asked: &Asked,
        day: Option<i64>,
        key: Option<&Value>,
        asking: Asking<'_>,
    ) -> Result<String, SourceError> {
        let Position { started_at, since, .. } = asked.position;
        let position = json::value!({"startedAt": started_at, "since": since, "day": day, "key": key});
        self.token(&position, asking).await
    }
}

impl Position {
    /// Of what a token says.
    fn of(told: &Value) -> Position {
        let whole = |name: &str| told.get(name).and_then(Value::as_i64);
        let key = told.get("key").filter(|key| !key.is_null()).cloned();
        // Only `Query` and `Scan` give tokens without it, and no field asks for both.
        let started_at = whole("startedAt").unwrap_or(0);
        Position { started_at, since: whole("since"), day: whole("day"), key }
    }
}

impl Filter {
    fn read(part: Option<Part<'_>>, partition: Option<&str>) -> Result<Filter, SourceError> {
        let nothing =
            Filter { expression: String::new(), placeholders: Placeholders::default(), partition: None };
        let Some(part) = part else { return Ok(nothing) };
        part.has_only(&["expression", "expressionNames", "expressionValues"])?;
        let expression = part.required_text("expression")?.trim().to_owned();
        let filter = Filter { expression, placeholders: Placeholders::read(&part)?, ..nothing };
        Ok(match partition {
            Some(attribute) => filter.of_partition(attribute),
            None => filter,
        })
    }

    /// What the filter demands of the partition becomes the partition: DynamoDB filters nothing by its key.
    fn of_partition(mut self, attribute: &str) -> Filter {
        let Some(terms) = terms(&self.expression) else { return self };
        let demanded = terms.iter().position(|term| {
            let equality = bare(term).split_once('=').map(|(name, value)| (name.trim(), value.trim()));
            equality.is_some_and(|(name, value)| {
                self.placeholders.name(name) == attribute && self.placeholders.values.contains_key(value)
            })
        });
        let Some(place) = demanded else { return self };
        let value =
            bare(terms[place]).split_once('=').and_then(|(_, v)| self.placeholders.values.get(v.trim()));
        let partition = value.map(|value| (attribute.to_owned(), value.clone()));
        let mut rest = terms.clone();
        rest.remove(place);
        let rest = rest.join(" AND ");
        self.placeholders.retain_used(&[&rest]);
        Filter { expression: rest, placeholders: self.placeholders, partition }
    }

    fn put_into(&self, input: &mut Input) -> Result<(), SourceError> {
        if self.expression.is_empty() {
            return Ok(());
        }
        input.set("FilterExpression", self.expression.as_str());
        input.add(&self.placeholders)
    }
}

/// What must hold all at once; nothing where the expression is no such list.
fn terms(expression: &str) -> Option<Vec<&str>> {
    let (mut terms, mut depth, mut begin) = (Vec::new(), 0_usize, 0);
    for (place, letter) in expression.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => {
                if is_word_at(expression, place, "OR") || is_word_at(expression, place, "BETWEEN") {
                    return None;
                }
                if is_word_at(expression, place, "AND") {
                    terms.push(expression[begin..place].trim());
                    begin = place + "AND".len();
                }
            }
            _ => {}
        }
    }
    terms.push(expression[begin..].trim());
    Some(terms)
}

fn is_word_at(text: &str, place: usize, word: &str) -> bool {
    let is_of_word = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'#' | b':'))
    };
    let bytes = text.as_bytes();
    let here = bytes.get(place..place + word.len());
    here.is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes()))
        && !is_of_word(place.checked_sub(1).and_then(|before| bytes.get(before)))
        && !is_of_word(bytes.get(place + word.len()))
}

/// A term without the parentheses around it.
fn bare(term: &str) -> &str {
    let inner = term.strip_prefix('(').and_then(|term| term.strip_suffix(')'));
    inner.filter(|inner| !inner.contains(['(', ')', '<', '>'])).unwrap_or(term).trim()
}

fn scanned(output: &Value) -> i64 {
    output.get("ScannedCount").and_then(Value::as_i64).unwrap_or(0)
}

/// An item of the changes as one of the table.
fn of_change(item: &Value) -> Value {
    let mut item = item.as_object().cloned().unwrap_or_default();
    for name in OF_CHANGES {
        item.remove(name);
    }
    item.into()
}

fn result(items: Value, token: Option<String>, scanned_count: i64, asked: &Asked) -> Value {
    json::value!({
        "items": items,
        "nextToken": token,
        "scannedCount": scanned_count,
        "startedAt": (asked.position.started_at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(expression: &str) -> String {
        let given = json::value!({
            "expression": expression,
            "expressionNames": {"#t": "tenant", "#n": "n"},
            "expressionValues": {":t": {"S": "a"}, ":n": {"N": 1}}
        });
        let part = Part::whole_request(&given).unwrap();
        let Filter { expression, placeholders, partition } =
            Filter::read(Some(part), Some("tenant")).unwrap();
        let partition = partition.map(|(name, value)| format!("{name}={}", value.to_text()));
        format!("{} | {expression} | {}", partition.unwrap_or_default(), placeholders.values.len())
    }

    #[test]
    fn the_partition_is_found_in_the_filter() {
        assert_eq!(filter("#t = :t"), r#"tenant={"S":"a"} |  | 0"#);
        assert_eq!(filter("(#t = :t) AND (#n > :n)"), r#"tenant={"S":"a"} | (#n > :n) | 1"#);
        assert_eq!(filter("#n > :n and tenant = :t"), r#"tenant={"S":"a"} | #n > :n | 1"#);
        assert_eq!(filter("(#t = :t) OR (#n > :n)"), " | (#t = :t) OR (#n > :n) | 2");
        assert_eq!(filter("#t >= :t"), " | #t >= :t | 2");
        assert_eq!(filter("NOT (#t = :t)"), " | NOT (#t = :t) | 2");
    }
}
