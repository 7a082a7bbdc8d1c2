//! EventBridge: `PutEvents` to a bus. (spec/appsync.md §8)
//!
//! Never here: what becomes of events.

use json::{Object, Text, Value};
use services::Members;

use super::request::{Part, mistake, unsupported_operation};
use super::trouble::Named;
use super::{Asking, SourceError};
use crate::outside::ServiceCall;

const NAMED: Named = Named { service: "events", prefix: "EventBridge" };

/// An event bus.
#[derive(Debug)]
pub(crate) struct Bus {
    /// `eventBusArn`
    pub arn: Text,
    /// As whom it is called.
    pub role_arn: Option<Text>,
}

impl Bus {
    /// Of an `eventBridgeConfig`.
    pub fn of(config: &Object, role_arn: Option<Text>) -> Bus {
        Bus { arn: config.text_or_empty("eventBusArn").into(), role_arn }
    }

    /// Asks it once.
    pub async fn ask(&self, request: &Value, asking: Asking<'_>) -> Result<Value, SourceError> {
        if asking.is_old_version {
            return Err(mistake("EventBridge data sources need version '2018-05-29'."));
        }
        let part = Part::whole_request(request)?;
        part.has_only(&["version", "operation", "events"])?;
        match part.required_text("operation")? {
            "PutEvents" => {}
            other => return Err(unsupported_operation(other)),
        }
        let mut entries = Vec::new();
        for (number, event) in part.required_array("events")?.iter().enumerate() {
            entries.push(self.entry(event, format!("$[events][{number}]"))?);
        }
        let call = ServiceCall {
            service: "events",
            operation: "PutEvents",
            input: json::value!({"Entries": entries}),
            body: None,
            role_arn: self.role_arn.clone(),
            region: Text::default(),
        };
        asking.outside.call(call).await.map_err(|trouble| NAMED.error(&trouble))
    }

    fn entry(&self, event: &Value, place: String) -> Result<Value, SourceError> {
        let part = Part::at(event, place)?;
        part.has_only(&["source", "detailType", "detail", "resources", "time"])?;
        let detail = part.required_part("detail")?;
        let mut entry = Object::new();
        entry.insert("Source", part.required_text("source")?);
        entry.insert("DetailType", part.required_text("detailType")?);
        entry.insert("Detail", Value::from(detail.members().clone()).to_text());
        entry.insert("EventBusName", self.arn.clone());
        if let Some(resources) = part.array("resources")? {
            entry.insert("Resources", resources.iter().cloned().collect::<Value>());
        }
        if let Some(time) = part.text("time")? {
            entry.insert("Time", time);
        }
        Ok(entry.into())
    }
}
