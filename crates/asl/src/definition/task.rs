//! Task: calls the world. (spec/asl.md §8.2, spec/validation.md §7)

use integrations::{Computed, Integration, Template as Parameters};
use json::Object;

use super::fields::{ContextObject, Fields};
use super::jsonata::Moment;
use super::reader::{Reader, SECONDS_MAX};
use crate::machine::{Count, Flow, Kind, QueryLanguage, Task};
use crate::resource::{Pattern, Resource};
use crate::template::Template;

impl<'d> Reader<'d> {
    pub(super) fn task(&mut self, fields: &Fields<'d, '_>, flow: &mut Flow) -> Option<Kind> {
        let resource = self.resource(fields);
        flow.parameters = fields
            .template("Parameters", &mut self.findings)
            .or_else(|| fields.computed("Arguments", Moment::Entry, &mut self.findings));
        flow.result_selector = fields.template("ResultSelector", &mut self.findings);
        if let Some(resource) = &resource {
            self.parameters_of(resource, fields);
        }
        let credentials = self.credentials(fields);
        let seconds = 1..=SECONDS_MAX;
        let timeout = fields.count(
            "TimeoutSeconds",
            "TimeoutSecondsPath",
            seconds.clone(),
            ContextObject::Allowed,
            &mut self.findings,
        );
        let heartbeat = fields.count(
            "HeartbeatSeconds",
            "HeartbeatSecondsPath",
            seconds,
            ContextObject::Allowed,
            &mut self.findings,
        );
        if let (Some(Count::Literal(timeout)), Some(Count::Literal(heartbeat))) = (&timeout, &heartbeat)
            && heartbeat >= timeout
        {
            let message = "HeartbeatSeconds must be smaller than TimeoutSeconds";
            self.findings.schema(&fields.at.field("HeartbeatSeconds"), message);
        }
        Some(Kind::Task(Box::new(Task { resource: resource?, timeout, heartbeat, credentials })))
    }

    fn resource(&mut self, fields: &Fields<'d, '_>) -> Option<Resource> {
        let at = fields.at.field("Resource");
        let resource = match Resource::parse(fields.string("Resource", &mut self.findings)?) {
            Ok(resource) => resource,
            Err(error) => {
                self.findings.schema(&at, error.to_string());
                return None;
            }
        };
        if self.express
            && let Some(refusal) = express_refusal(&resource)
        {
            self.findings.schema(&at, refusal);
        }
        Some(resource)
    }

    /// What of `Parameters` or `Arguments` the integration could never take.
    fn parameters_of(&mut self, resource: &Resource, fields: &Fields<'d, '_>) {
        let Resource::Integration { service, action, .. } = resource else { return };
        let Some(integration) = Integration::find(service, action) else { return };
        let (name, computed) = match fields.language {
            QueryLanguage::JsonPath => ("Parameters", Computed::ByKey),
            QueryLanguage::Jsonata => ("Arguments", Computed::ByText),
        };
        let Some(value) = fields.value(name) else { return };
        for mistake in integration.mistakes(&Parameters { value, computed }) {
            self.findings.schema(&fields.at.field(name), mistake.to_string());
        }
    }

    fn credentials(&mut self, fields: &Fields<'d, '_>) -> Option<Template> {
        let given = fields.value("Credentials")?;
        if given.as_object().is_some_and(|given| !has(given, "RoleArn", fields)) {
            let message = "The field 'RoleArn' is required but was missing";
            self.findings.schema(&fields.at.field("Credentials"), message);
        }
        fields.template_in_either("Credentials", Moment::Entry, &mut self.findings)
    }
}

/// Why an EXPRESS machine may not use this, in AWS's words.
fn express_refusal(resource: &Resource) -> Option<&'static str> {
    match resource {
        Resource::Activity { .. } => Some("Express state machine does not support Activity ARN"),
        Resource::Function { .. } => None,
        Resource::Integration { pattern: Pattern::RequestResponse, .. } => None,
        Resource::Integration { pattern: Pattern::Sync | Pattern::Sync2, .. } => {
            Some("Express state machine does not support '.sync' service integration")
        }
        // The space at the end is AWS's.
        Resource::Integration { pattern: Pattern::WaitForTaskToken, .. } => {
            Some("Express state machine does not support '.waitForTaskToken' service integration ")
        }
    }
}

/// Whether a template gives this member, literally or computed.
pub(super) fn has(template: &Object, name: &str, fields: &Fields<'_, '_>) -> bool {
    template.keys().any(|key| plain_name(key, fields) == name)
}

/// The member that a key of a template gives. In JSONata keys are what they are.
pub(super) fn plain_name<'k>(key: &'k str, fields: &Fields<'_, '_>) -> &'k str {
    if fields.reads_jsonpath() { key.strip_suffix(".$").unwrap_or(key) } else { key }
}
