//! A distributed Map: what its Map Run is to do, and what the history says became of it.
//!
//! What the children do is in their own histories. Never here: whether a Map Run that failed had to.

use json::{Document, Object, Text, Value};

use super::abort::Open;
use super::data::{self, Trouble, View};
use super::fault::Fault;
use super::jsonata::Seen;
use super::machine::{object, text};
use super::map::{Items, selected};
use super::story::Story;
use super::thread::{Scope, Visit, Work};
use super::{Difference, Failure, Gathered, MapRun, Planned, What};

/// What the fields give that are evaluated when the round has begun.
struct Plan {
    tolerated_count: Option<i64>,
    tolerated_percentage: Option<f64>,
    batches: Option<Batches>,
}

/// ItemBatcher; 0 for no limit.
struct Batches {
    items: i64,
    bytes: i64,
    input: Option<Value>,
}

/// AWS's limit of an execution's input.
const INPUT_BYTES_MAX: i64 = 262_144;

impl<'a> Story<'a> {
    pub fn distributed(
        &mut self,
        visit: &mut Visit<'a>,
        scope: &Scope<'_>,
        items: &Items,
    ) -> Result<Work<'a>, Difference> {
        let length = items.items.len() as u64;
        let Some(started) = self.begin(visit, |what| *what == What::MapStarted { length })? else {
            return Ok(Work::Open(visit.open()));
        };
        let view = visit.view(self, scope);
        let plan = match plan(visit, items, &view) {
            Ok(plan) => plan,
            Err(trouble) => return Ok(trouble.into()),
        };
        let planned = planned(visit, items, &plan, &view);
        let is_begin = |what: &What| matches!(what, What::MapRunStarted { .. });
        let Some(begun) = self.must(started.id, "start of the Map Run", is_begin)? else {
            return Ok(Work::Open(visit.open()));
        };
        visit.last = begun.id;
        let What::MapRunStarted { arn } = &begun.what else { unreachable!("only starts were asked for") };
        self.told.map_runs.push(MapRun {
            arn: arn.clone(),
            state: visit.name.into(),
            items: length,
            at_once: items.at_once,
            tolerated_count: plan.tolerated_count,
            tolerated_percentage: plan.tolerated_percentage,
            planned,
        });
        self.map_run_ended(visit, arn, scope)
    }

    /// What became of a Map Run, as far as the history goes.
    fn map_run_ended(
        &mut self,
        visit: &mut Visit<'a>,
        arn: &Text,
        scope: &Scope<'_>,
    ) -> Result<Work<'a>, Difference> {
        let begun = visit.last;
        let is_end = |what: &What| matches!(what, What::MapRunSucceeded | What::MapRunFailed(_));
        let Some(end) = self.take(begun, is_end) else {
            // A stop tells of each Map Run that it ends.
            if self.take(begun, |what| *what == What::MapRunAborted).is_some() {
                self.must(begun, "abort of the Map", |what| {
                    *what == What::StateAborted { state_type: "Map" }
                })?;
                self.map_runs_stopped += 1;
            }
            return Ok(Work::Open(Open { has_map_run: true, ..visit.open() }));
        };
        visit.last = end.id;
        if let What::MapRunFailed(failure) = &end.what {
            return Ok(Work::Faulted(Fault::of(failure.clone())));
        }
        let result = match self.gathered.get(arn) {
            None => return Err(Difference(format!("event {} ends a Map Run that gathered nothing", end.id))),
            Some(Gathered::Result(result)) => result.clone(),
            Some(Gathered::Children(children)) => {
                let writer = visit.state.get("ResultWriter").and_then(|writer| writer.get("WriterConfig"));
                let transformation = writer.and_then(|config| config.get("Transformation")?.as_str());
                transformed(children, transformation.unwrap_or("COMPACT"))
            }
        };
        if visit.view(self, scope).too_large(&result).is_some() {
            return Err(Difference(format!(
                "event {} ends a Map Run well whose result is too large",
                end.id
            )));
        }
        match self.must(end.id, "success of all children", |what| *what == What::MapSucceeded)? {
            Some(_) => Ok(Work::Done(result)),
            None => Ok(Work::Open(visit.open())),
        }
    }
}

/// Whether each iteration of a Map is an execution of its own.
pub fn is_distributed(state: &Object) -> bool {
    let mode = processor(state).get("ProcessorConfig").and_then(|config| config.get("Mode"));
    mode.and_then(Value::as_str) == Some("DISTRIBUTED")
}

/// What a Map runs.
pub fn processor(state: &Object) -> &Object {
    let processor = state.get("ItemProcessor").or_else(|| state.get("Iterator"));
    object(processor.expect("an accepted Map has a processor"))
}

/// The fields that say what is tolerated, and ItemBatcher's: in this order.
fn plan(visit: &Visit<'_>, items: &Items, view: &View<'_>) -> Result<Plan, Trouble> {
    let batcher = visit.state.get("ItemBatcher").map(object);
    if !view.is_jsonata {
        let (state, input) = (visit.state, &items.input);
        let percentage = number(state, "ToleratedFailurePercentage", input, view)?;
        let percentage = percentage.map(|found| {
            found.as_f64().filter(|share| (0.0..=100.0).contains(share)).ok_or_else(|| view.runtime())
        });
        let batches = |batcher| -> Result<Batches, Trouble> {
            Ok(Batches {
                items: whole(batcher, "MaxItemsPerBatch", input, view)?.unwrap_or(0),
                bytes: whole(batcher, "MaxInputBytesPerBatch", input, view)?.unwrap_or(0),
                input: batcher.get("BatchInput").map(|made| data::template(made, input, view)).transpose()?,
            })
        };
        return Ok(Plan {
            tolerated_count: whole(state, "ToleratedFailureCount", input, view)?,
            tolerated_percentage: percentage.transpose()?,
            batches: batcher.map(batches).transpose()?,
        });
    }
    let seen = Seen::before(&visit.raw, view);
    let (tolerated_count, tolerated_percentage) = seen.tolerance(visit.state)?;
    let batches = |batcher: &Object| -> Result<Batches, Trouble> {
        let limit = |field: &str| seen.whole_in(batcher, field, &format!("ItemBatcher/{field}"), 0);
        Ok(Batches {
            items: limit("MaxItemsPerBatch")?.unwrap_or(0),
            bytes: limit("MaxInputBytesPerBatch")?.unwrap_or(0),
            input: batcher
                .get("BatchInput")
                .map(|made| seen.value(made, "ItemBatcher/BatchInput"))
                .transpose()?,
        })
    };
    Ok(Plan { tolerated_count, tolerated_percentage, batches: batcher.map(batches).transpose()? })
}

/// A field of JSONPath that is a number, or leads to one by its Path.
fn number(holder: &Object, field: &str, input: &Value, view: &View<'_>) -> Result<Option<Value>, Trouble> {
    match text(holder, &format!("{field}Path")) {
        Some(path) => data::path(path, input, view).map(Some).ok_or_else(|| view.runtime()),
        None => Ok(holder.get(field).cloned()),
    }
}

/// The same of one that is whole and not negative.
fn whole(holder: &Object, field: &str, input: &Value, view: &View<'_>) -> Result<Option<i64>, Trouble> {
    let Some(found) = number(holder, field, input, view)? else { return Ok(None) };
    found.as_i64().filter(|&count| count >= 0).map(Some).ok_or_else(|| view.runtime())
}

/// The inputs of the children, in order, up to the first that cannot be made.
fn planned(visit: &Visit<'_>, items: &Items, plan: &Plan, view: &View<'_>) -> Planned {
    let mut planned = Planned::default();
    let mut open: Vec<Value> = Vec::new();
    let is_too_large = |batch: &Value, batches: &Batches, items: usize| {
        let most = if batches.bytes == 0 { INPUT_BYTES_MAX } else { batches.bytes.min(INPUT_BYTES_MAX) };
        // Without an item it must leave room for one.
        batch.to_text().len() as i64 + i64::from(items == 0) > most
    };
    if let Some(batches) = &plan.batches
        && is_too_large(&batch(batches, &[]), batches, 0)
    {
        planned.trouble = Some(Failure::named("States.DataLimitExceeded"));
        return planned;
    }
    for place in 0..items.items.len() {
        let item = match selected(visit, items, place, view) {
            Ok(item) => item,
            Err(Trouble::Fatal(failure) | Trouble::Failed(failure) | Trouble::Evaluation { failure, .. }) => {
                planned.trouble = Some(failure);
                return planned;
            }
        };
        let Some(batches) = &plan.batches else {
            planned.inputs.push((item, 1));
            continue;
        };
        open.push(item);
        if is_too_large(&batch(batches, &open), batches, open.len()) {
            let last = open.pop().expect("it was just put there");
            if !open.is_empty() {
                planned.inputs.push((batch(batches, &open), open.len() as u32));
            }
            open = vec![last];
            if is_too_large(&batch(batches, &open), batches, 1) {
                planned.trouble = Some(Failure::named("States.DataLimitExceeded"));
                return planned;
            }
        }
        if open.len() as i64 == batches.items {
            planned.inputs.push((batch(batches, &open), open.len() as u32));
            open.clear();
        }
    }
    if let Some(batches) = plan.batches.as_ref().filter(|_| !open.is_empty()) {
        planned.inputs.push((batch(batches, &open), open.len() as u32));
    }
    planned
}

fn batch(batches: &Batches, items: &[Value]) -> Value {
    let mut batch = Object::new();
    if let Some(input) = &batches.input {
        batch.insert("BatchInput", input.clone());
    }
    batch.insert("Items", Value::from(items.to_vec()));
    Value::Object(batch)
}

fn transformed(children: &[super::Child], transformation: &str) -> Value {
    let mut results = Vec::new();
    for child in children {
        match child.output.as_ref().map(Document::value).filter(|_| transformation != "NONE") {
            // Of a child that failed all is told, whatever the others look like.
            None => results.push(child.details.clone()),
            Some(Value::Array(items)) if transformation == "FLATTEN" => results.extend(items.iter().cloned()),
            Some(output) => results.push(output.clone()),
        }
    }
    Value::from(results)
}
