//! Map: runs its processor once for each item. (spec/asl.md §10)

use json::Value;

use super::container::Surrounding;
use super::distributed;
use super::fields::{ContextObject, Fields, expected};
use super::jsonata::Moment;
use super::reader::Reader;
use super::schema;
use crate::machine::{ContainerId, Count, Distributed, Flow, Kind, Map, StateId};
use crate::template::Template;

impl<'d> Reader<'d> {
    pub(super) fn map(
        &mut self,
        fields: &Fields<'d, '_>,
        id: StateId,
        flow: &mut Flow,
        surrounding: &Surrounding<'d>,
    ) -> Option<Kind> {
        fields.check_exactly_one_of(&["ItemProcessor", "Iterator"], &mut self.findings);
        fields.check_one_of(&["ItemSelector", "Parameters"], &mut self.findings);
        let processor_name = if fields.has("ItemProcessor") { "ItemProcessor" } else { "Iterator" };
        let distributed = is_distributed(fields.value(processor_name));
        let mut distributed = self.distributed(fields, distributed);
        let processor = self.processor(fields, processor_name, distributed.as_deref_mut(), id, surrounding);
        let items_path = fields.reference("ItemsPath", ContextObject::Allowed, &mut self.findings);
        let selector_name = if fields.has("ItemSelector") { "ItemSelector" } else { "Parameters" };
        let item_selector = fields
            .template(selector_name, &mut self.findings)
            .or_else(|| fields.computed("ItemSelector", Moment::Entry, &mut self.findings));
        let items = self.items(fields, distributed.is_some());
        flow.result_selector = fields.template("ResultSelector", &mut self.findings);
        let counts = 0..=u64::MAX;
        let max_concurrency = fields.count(
            "MaxConcurrency",
            "MaxConcurrencyPath",
            counts.clone(),
            ContextObject::Refused,
            &mut self.findings,
        );
        let tolerated_failure_count = fields.count(
            "ToleratedFailureCount",
            "ToleratedFailureCountPath",
            counts,
            ContextObject::Refused,
            &mut self.findings,
        );
        let tolerated_failure_percentage = fields.percentage(
            "ToleratedFailurePercentage",
            "ToleratedFailurePercentagePath",
            &mut self.findings,
        );
        Some(Kind::Map(Box::new(Map {
            processor: processor?,
            items_path,
            items,
            item_selector,
            max_concurrency: max_concurrency.unwrap_or(Count::Literal(0)),
            tolerated_failure_count,
            tolerated_failure_percentage,
            distributed,
        })))
    }

    /// `Items`: an array, an expression, and where each item is an execution of its own, an object.
    fn items(&mut self, fields: &Fields<'d, '_>, distributed: bool) -> Option<Template> {
        let value = fields.value("Items").filter(|_| !fields.reads_jsonpath())?;
        let fits = value.is_array() || fields.is_expression(value) || (distributed && value.is_object());
        if !fits {
            self.findings.schema(&fields.at.field("Items"), expected("Array"));
            return None;
        }
        fields.computed("Items", Moment::Entry, &mut self.findings)
    }

    fn processor(
        &mut self,
        fields: &Fields<'d, '_>,
        name: &str,
        distributed: Option<&mut Distributed>,
        id: StateId,
        surrounding: &Surrounding<'d>,
    ) -> Option<ContainerId> {
        let at = fields.at.field(name);
        let processor = Fields::of(fields.value(name)?, at, self.language, &mut self.findings)?;
        processor.check(&schema::ITEM_PROCESSOR, &mut self.findings);
        processor.string("Comment", &mut self.findings);
        let express = distributed::check_processor_config(&processor, self.express, &mut self.findings);
        let Some(distributed) = distributed else {
            return Some(self.container(&processor, Some(id), surrounding.nesting + 1));
        };
        distributed.express = express;
        Some(self.of_child_executions(express, |reader| {
            reader.container(&processor, Some(id), surrounding.nesting + 1)
        }))
    }

    /// Reads what runs in executions of its own. They do not see the variables around them, so their own cannot
    /// clash with those.
    fn of_child_executions<T>(&mut self, express: bool, read: impl FnOnce(&mut Self) -> T) -> T {
        let hidden_before = self.hidden_scopes.len();
        self.hidden_scopes.append(&mut self.scopes);
        let express_around = std::mem::replace(&mut self.express, express);
        let read = read(self);
        self.express = express_around;
        self.scopes = self.hidden_scopes.split_off(hidden_before);
        read
    }
}

/// Whether `ProcessorConfig` says so; INLINE is the default.
fn is_distributed(processor: Option<&Value>) -> bool {
    let mode = processor
        .and_then(|processor| processor.get("ProcessorConfig"))
        .and_then(|config| config.get("Mode"));
    mode.and_then(Value::as_str) == Some("DISTRIBUTED")
}
