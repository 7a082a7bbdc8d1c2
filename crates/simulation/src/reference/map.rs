//! A Map: an iteration for each item, so many at once as it says.

use std::collections::VecDeque;

use json::{Text, Value};

use super::abort::{Inside, Open};
use super::data::{self, Trouble, View};
use super::distributed::{is_distributed, processor};
use super::fault::Fault;
use super::jsonata::Seen;
use super::machine::text;
use super::parallel::{fatal, silent, still_open};
use super::story::Story;
use super::thread::{Ending, Scope, Visit, Work};
use super::{Difference, Event, Step, What};

/// AWS's limit of iterations at once.
const AT_ONCE_MAX: i64 = 40;

/// What a Map iterates over.
pub struct Items {
    pub input: Value,
    /// Each with its name, where they are the members of an object.
    pub items: Vec<(Option<Text>, Value)>,
    /// As it says; 0 for no limit of its own.
    pub at_once: i64,
}

impl<'a> Story<'a> {
    pub fn map(&mut self, visit: &mut Visit<'a>, scope: &Scope<'_>) -> Result<Work<'a>, Difference> {
        let items = match items(visit, &visit.view(self, scope)) {
            Ok(items) => items,
            Err(trouble) => return Ok(silent(trouble.into())),
        };
        if is_distributed(visit.state) {
            return self.distributed(visit, scope, &items);
        }
        let length = items.items.len();
        let begins = |what: &What| *what == What::MapStarted { length: length as u64 };
        let Some(started) = self.begin(visit, begins)? else { return Ok(Work::Open(visit.open())) };
        let (endings, last) = self.iterations(visit, scope, &items, started)?;
        visit.last = last;
        if let Some(fatal) = fatal(&endings, visit) {
            return Ok(fatal);
        }
        if let Some(place) = self.failed(&endings) {
            return self.map_failed(visit, &endings, place);
        }
        let open: Vec<Inside> = self.inside(visit, &endings, usize::MAX);
        if !open.is_empty() || endings.len() < length {
            return Ok(Work::Open(Open { inside: open, ..visit.open() }));
        }
        let results = endings.into_iter().map(|ending| match ending {
            Ending::Well { output, .. } => output,
            other => unreachable!("it was looked at: {other:?}"),
        });
        let results = Value::from(results.collect::<Vec<_>>());
        if let Some(failure) = visit.view(self, scope).too_large(&results) {
            return Ok(Work::Faulted(Fault::of(failure)));
        }
        match self.must(visit.last, "success of all iterations", |what| *what == What::MapSucceeded)? {
            Some(_) => Ok(Work::Done(results)),
            None => Ok(Work::Open(visit.open())),
        }
    }

    /// Follows all iterations that began; the last event of the whole.
    fn iterations(
        &mut self,
        visit: &Visit<'a>,
        scope: &Scope<'_>,
        items: &Items,
        started: &Event,
    ) -> Result<(Vec<Ending>, u64), Difference> {
        let (name, length) = (Text::from(visit.name), items.items.len());
        let at_once = limited(items.at_once);
        let mut last = started.id;
        let mut endings: Vec<Option<Ending>> = Vec::new();
        let is_start = |what: &What| matches!(what, What::Iteration { step: Step::Started, name: of, .. } if *of == name);
        let mut begun = VecDeque::new();
        while let Some(event) = self.take(started.id, is_start) {
            begun.push_back(event);
        }
        if begun.len() > at_once {
            return Err(Difference(format!(
                "behind event {last} more iterations begin than may run at once"
            )));
        }
        let mut succeeded = 0;
        while let Some(event) = begun.pop_front() {
            let What::Iteration { index, .. } = event.what else { unreachable!("only starts are there") };
            let place = index as usize;
            if place >= length || endings.get(place).is_some_and(Option::is_some) {
                return Err(Difference(format!("event {} begins an iteration that there is not", event.id)));
            }
            endings.resize(endings.len().max(place + 1), None);
            let ending = self.iteration(visit, scope, items, event, place)?;
            if let Ending::Well { last: ended, .. } = ending {
                let is_end = |what: &What| {
                    *what == What::Iteration { step: Step::Succeeded, name: name.clone(), index }
                };
                if let Some(end) = self.must(ended, "end of the iteration", is_end)? {
                    last = last.max(end.id);
                }
                succeeded += 1;
                begun.extend(self.take(ended, is_start));
            }
            endings[place] = Some(ending);
        }
        let Some(all) = endings.into_iter().collect::<Option<Vec<Ending>>>() else {
            return Err(Difference(format!("of '{name}' an iteration began before the one before it")));
        };
        let wanted = length.min(at_once + succeeded);
        let goes_on = all.iter().all(|ending| matches!(ending, Ending::Well { .. } | Ending::Open(_)));
        if goes_on && all.len() < wanted && !self.is_full() {
            return Err(Difference(format!(
                "of '{name}' {} iterations began, expected: {wanted}",
                all.len()
            )));
        }
        Ok((all, last))
    }

    /// Follows one iteration.
    fn iteration(
        &mut self,
        visit: &Visit<'a>,
        scope: &Scope<'_>,
        items: &Items,
        event: &Event,
        place: usize,
    ) -> Result<Ending, Difference> {
        let last = event.id;
        match selected(visit, items, place, &visit.view(self, scope)) {
            Ok(input) => self.processor(processor(visit.state), input, scope, Some(items.item(place)), last),
            // It has entered no state.
            Err(Trouble::Failed(failure)) => {
                Ok(Ending::Badly { failure, last, state_type: "", by_timeout: false })
            }
            Err(Trouble::Fatal(failure)) => Ok(Ending::Fatally { failure, last }),
            // It is the Map's own field.
            Err(Trouble::Evaluation { failure, field }) => {
                match self.evaluation_failed(visit, last, &failure, field.as_deref())? {
                    Some(told) => {
                        let last = told.id;
                        Ok(Ending::Badly { failure, last, state_type: "", by_timeout: false })
                    }
                    None => Ok(Ending::Open(Open::between_states())),
                }
            }
        }
    }

    fn map_failed(
        &mut self,
        visit: &mut Visit<'a>,
        endings: &[Ending],
        place: usize,
    ) -> Result<Work<'a>, Difference> {
        let Ending::Badly { failure, last, state_type, .. } = endings[place].clone() else {
            unreachable!("it has failed")
        };
        let (name, index) = (Text::from(visit.name), place as u64);
        let is_failed =
            |what: &What| *what == What::Iteration { step: Step::Failed, name: name.clone(), index };
        self.must(last, "failure of the iteration", is_failed)?;
        let mut aborted: Vec<What> = super::abort::aborted(state_type).into_iter().collect();
        self.inside(visit, endings, place).iter().for_each(|inside| inside.aborted(&mut aborted));
        self.abort(last, aborted)?;
        visit.last = last;
        Ok(Work::Faulted(Fault::of(failure)))
    }

    /// The iterations that have not ended, but for one.
    fn inside(&self, visit: &Visit<'_>, endings: &[Ending], but: usize) -> Vec<Inside> {
        let others = endings.iter().enumerate().filter(|(place, _)| *place != but);
        let open = others.filter_map(|(place, ending)| Some((place, still_open(ending)?)));
        open.map(|(place, open)| Inside { iteration: Some((visit.name.into(), place as u64)), open })
            .collect()
    }
}

impl Items {
    /// As the Context Object has it.
    fn item(&self, place: usize) -> Value {
        let (key, value) = &self.items[place];
        let mut item = json::value!({ "Index": place, "Value": value, "Source": "STATE_DATA" });
        if let (Some(item), Some(key)) = (item.as_object_mut(), key) {
            item.insert("Key", key.clone());
        }
        item
    }
}

/// An item, or what ItemSelector makes of it.
pub fn selected(visit: &Visit<'_>, items: &Items, place: usize, view: &View<'_>) -> Result<Value, Trouble> {
    let selector = visit.state.get("ItemSelector").or_else(|| visit.state.get("Parameters"));
    match selector {
        None => Ok(items.items[place].1.clone()),
        Some(selector) => {
            let item = items.item(place);
            data::selected_item(selector, &items.input, &View { item: Some(&item), ..*view })
        }
    }
}

pub fn items(visit: &Visit<'_>, view: &View<'_>) -> Result<Items, Trouble> {
    if view.is_jsonata {
        return computed_items(visit, view);
    }
    let input = data::effective_input(&visit.raw, view)?;
    let found = match text(visit.state, "ItemsPath") {
        Some(path) => data::path(path, &input, view).ok_or_else(|| view.runtime())?,
        None => input.clone(),
    };
    let at_once = match text(visit.state, "MaxConcurrencyPath") {
        Some(path) => data::path(path, &input, view).and_then(|found| found.as_i64()),
        None => Some(visit.state.get("MaxConcurrency").and_then(Value::as_i64).unwrap_or(0)),
    };
    let at_once = at_once.filter(|&count| count >= 0).ok_or_else(|| view.runtime())?;
    let items = found.as_array().ok_or_else(|| view.runtime())?;
    Ok(Items { input, items: items.iter().map(|item| (None, item.clone())).collect(), at_once })
}

/// The same in JSONata: Items, or else the input; then the numbers, in the order of the documentation.
fn computed_items(visit: &Visit<'_>, view: &View<'_>) -> Result<Items, Trouble> {
    let seen = Seen::before(&visit.raw, view);
    let is_distributed = is_distributed(visit.state);
    let kinds: &[&str] = if is_distributed { &["array", "object"] } else { &["array"] };
    let items = match visit.state.get("Items") {
        Some(written @ Value::String(_)) => {
            seen.of_kinds(visit.state, "Items", kinds)?.unwrap_or_else(|| written.clone())
        }
        Some(written) => seen.value(written, "Items")?,
        None if visit.raw.is_array() || is_distributed && visit.raw.is_object() => visit.raw.clone(),
        None => return Err(seen.unusable(None)),
    };
    let items = view.within_limit(items)?;
    let at_once = seen.whole(visit.state, "MaxConcurrency", 0)?.unwrap_or(0);
    // Of no effect in an inline Map, but evaluated there too. A distributed one looks at them later.
    if !is_distributed {
        seen.tolerance(visit.state)?;
    }
    let items = match items {
        Value::Object(members) => {
            members.iter().map(|(key, value)| (Some(key.clone()), value.clone())).collect()
        }
        other => {
            let items = other.as_array().expect("an accepted Items is an array");
            items.iter().map(|item| (None, item.clone())).collect()
        }
    };
    Ok(Items { input: visit.raw.clone(), items, at_once })
}

/// 0 stands for no limit of its own.
fn limited(at_once: i64) -> usize {
    let count = if at_once == 0 { AT_ONCE_MAX } else { at_once.min(AT_ONCE_MAX) };
    count as usize
}
