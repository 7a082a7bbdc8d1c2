//! What the Invoke API is asked for, and whom.

use std::fmt::Write as _;
use std::sync::Arc;

use asl::Failure;
use aws_names::{Arn, Scope};
use integrations::{Integration, could_not_start};
use json::{Document, Object, Value};

/// One call of the Invoke API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invocation {
    pub(crate) function: FunctionReference,
    pub(crate) kind: InvocationType,
    /// JSON text; empty if the Task gives none.
    pub(crate) payload: Arc<str>,
    /// Base64, as given.
    pub(crate) client_context: Option<String>,
    /// Whether the answer shall carry the end of the function's log.
    pub(crate) log_tail: bool,
}

/// Whether somebody waits for the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum InvocationType {
    #[default]
    RequestResponse,
    Event,
    DryRun,
}

impl InvocationType {
    fn of(name: Option<&str>) -> InvocationType {
        match name {
            Some("Event") => InvocationType::Event,
            Some("DryRun") => InvocationType::DryRun,
            Some(_) | None => InvocationType::RequestResponse,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            InvocationType::RequestResponse => "RequestResponse",
            InvocationType::Event => "Event",
            InvocationType::DryRun => "DryRun",
        }
    }
}

/// A function by name, partial ARN or ARN, with or without a qualifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FunctionReference {
    /// As the Task has it.
    pub(crate) text: String,
    /// The name alone.
    pub(crate) name: String,
    /// A version or an alias.
    pub(crate) qualifier: Option<String>,
    /// Given apart from the text, in the parameter `Qualifier`.
    pub(crate) separate_qualifier: Option<String>,
    /// Of an ARN.
    pub(crate) region: Option<String>,
    account: Option<String>,
}

impl FunctionReference {
    /// `NAME`, `ACCOUNT:function:NAME`, `function:NAME` or `arn:aws:lambda:…`, each perhaps with
    /// `:QUALIFIER`.
    pub(crate) fn new(text: &str) -> FunctionReference {
        let (region, account, rest) = match Arn::parse(text) {
            Ok(Arn { region, account, resource, .. }) => (Some(region), Some(account), resource),
            Err(_) => match text.split_once(":function:") {
                Some((account, rest)) => (None, Some(account), rest),
                None => (None, None, text),
            },
        };
        let rest = rest.strip_prefix("function:").unwrap_or(rest);
        let (name, qualifier) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier.to_owned())),
            None => (rest, None),
        };
        FunctionReference {
            text: text.to_owned(),
            name: name.to_owned(),
            qualifier,
            separate_qualifier: None,
            region: region.map(str::to_owned),
            account: account.filter(|account| !account.is_empty()).map(str::to_owned),
        }
    }

    /// The ARN, with the qualifier if there is one.
    pub(crate) fn arn(&self, scope: &Scope) -> String {
        let Scope { partition, region, account } = scope;
        let region = self.region.as_ref().unwrap_or(region);
        let account = self.account.as_ref().unwrap_or(account);
        let mut arn = format!("arn:{partition}:lambda:{region}:{account}:function:{}", self.name);
        if let Some(qualifier) = self.qualifier.as_ref().or(self.separate_qualifier.as_ref()) {
            let _ = write!(arn, ":{qualifier}");
        }
        arn
    }

    /// The ARN, qualified in any case.
    pub(crate) fn arn_with_qualifier(&self, scope: &Scope) -> String {
        let arn = self.arn(scope);
        if self.qualifier.is_some() || self.separate_qualifier.is_some() { arn } else { arn + ":$LATEST" }
    }
}

impl Invocation {
    /// Of a request of the Invoke API, read as far as it is not its body.
    pub(crate) fn of_request(input: &Value, body: &[u8]) -> Invocation {
        let text = |name: &str| input.get(name).and_then(Value::as_str);
        let function = FunctionReference::new(text("FunctionName").unwrap_or_default());
        Invocation {
            function: FunctionReference {
                separate_qualifier: text("Qualifier").map(str::to_owned),
                ..function
            },
            kind: InvocationType::of(text("InvocationType")),
            // Functions take JSON, which is UTF-8; whatever is none is refused as no JSON.
            payload: Arc::from(String::from_utf8_lossy(body)),
            client_context: text("ClientContext").map(str::to_owned),
            log_tail: text("LogType") == Some("Tail"),
        }
    }

    /// Of a function's ARN as a Task's resource.
    pub(crate) fn of_function(arn: &str, input: &Document) -> Invocation {
        Invocation {
            function: FunctionReference::new(arn),
            kind: InvocationType::RequestResponse,
            payload: input.shared_text().clone(),
            client_context: None,
            log_tail: false,
        }
    }

    /// Of the parameters of `lambda:invoke`. All of them are checked, so that the cause names every
    /// one that is wrong. (spec/integrations.md §2)
    pub(crate) fn of_parameters(parameters: &Document) -> Result<Invocation, Failure> {
        let problems = Integration::find("lambda", "invoke").map(|it| it.problems(parameters.value()));
        if let Some(problems) = problems.filter(|problems| !problems.is_empty()) {
            return Err(Failure::runtime(could_not_start(parameters.text(), &problems)));
        }
        let nothing = Object::new();
        let members = parameters.value().as_object().unwrap_or(&nothing);
        // What is no text is null by now, which is as good as nothing. (recorded: `"Payload": null`)
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        let function_name = text("FunctionName").unwrap_or_default();
        let kind = InvocationType::of(text("InvocationType").as_deref());
        let log_tail = text("LogType").as_deref() == Some("Tail");
        let (qualifier, client_context) = (text("Qualifier"), text("ClientContext"));
        let payload = match members.get("Payload") {
            None | Some(Value::Null) => Arc::from(""),
            // A string is the request's body as it stands. (recorded: `"Payload": "0"` reaches the function as 0)
            Some(Value::String(body)) => Arc::from(body.as_str()),
            Some(payload) => Arc::from(payload.to_text()),
        };
        let function =
            FunctionReference { separate_qualifier: qualifier, ..FunctionReference::new(&function_name) };
        Ok(Invocation { function, kind, payload, client_context, log_tail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_of_all_forms() {
        let scope = Scope::default();
        for (text, name, arn) in [
            ("f", "f", "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST"),
            ("f:prod", "f", "arn:aws:lambda:us-east-1:123456789012:function:f:prod"),
            ("function:f", "f", "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST"),
            ("111:function:f:3", "f", "arn:aws:lambda:us-east-1:111:function:f:3"),
            (
                "arn:aws:lambda:eu-west-1:222:function:f",
                "f",
                "arn:aws:lambda:eu-west-1:222:function:f:$LATEST",
            ),
            ("arn:aws:lambda:eu-west-1:222:function:f:3", "f", "arn:aws:lambda:eu-west-1:222:function:f:3"),
        ] {
            let reference = FunctionReference::new(text);
            assert_eq!((reference.name.as_str(), reference.arn_with_qualifier(&scope).as_str()), (name, arn));
        }
    }

    #[track_caller]
    fn check_refused(parameters: &str, problems: &str) {
        let document = Document::parse(parameters).unwrap();
        let expected =
            format!("The Parameters '{parameters}' could not be used to start the Task: [{problems}]");
        assert_eq!(Invocation::of_parameters(&document), Err(Failure::runtime(expected)));
    }

    #[test]
    fn bad_parameters_are_named() {
        check_refused("{}", "The field 'FunctionName' is required but was missing");
        check_refused(r#"{"FunctionName":1}"#, "The value of the field 'FunctionName' has an invalid format");
        check_refused(
            r#"{"FunctionName":"f","Payloads":1,"LogType":"All"}"#,
            "The field 'Payloads' is not supported by Step Functions, \
             The value of the field 'LogType' has an invalid format",
        );
    }

    #[test]
    fn payloads() {
        for (parameters, payload) in [
            (r#"{"FunctionName":"f"}"#, ""),
            (r#"{"FunctionName":"f","Payload":null}"#, ""),
            (r#"{"FunctionName":"f","Payload":"[0]"}"#, "[0]"),
            (r#"{"FunctionName":"f","Payload":{"a":[1]}}"#, r#"{"a":[1]}"#),
        ] {
            let invocation = Invocation::of_parameters(&Document::parse(parameters).unwrap()).unwrap();
            assert_eq!(&*invocation.payload, payload);
        }
    }
}
