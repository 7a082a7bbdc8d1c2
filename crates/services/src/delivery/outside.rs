//! The calls of couriers, through the connectors: to a service of this process, or wherever the settings point it.

use connectors::{Answering, ApiTrouble, CallTrouble, Caller, Connectors};
use json::{Text, Value};

use super::{Calls, OutCall, Trouble};

impl Calls for Connectors {
    fn call<'a>(&'a self, call: &'a OutCall) -> Answering<'a, Result<Value, Trouble>> {
        Box::pin(async move {
            // No execution asks, so a machine that is started has no parent.
            let caller =
                Caller { role_arn: call.role_arn.clone(), region: call.region.clone(), ..Caller::default() };
            let (service, operation, token) = (&call.service, &call.operation, &call.token);
            match (service.as_str(), operation.as_str()) {
                ("http", _) => self.call_api(&call.input, &caller).await.map_err(of_api),
                ("lambda", "Invoke") => {
                    let (input, payload) = without_payload(&call.input);
                    let answer =
                        self.call_with_body(service, operation, &input, payload.into(), &caller, token);
                    answer.await.map_err(of_service)
                }
                _ if call.has_base64 => {
                    let answer = self.call_with_base64(service, operation, &call.input, &caller, token);
                    answer.await.map_err(of_service)
                }
                _ => {
                    let answer = self.call_operation(service, operation, &call.input, &caller, token);
                    answer.await.map_err(of_service)
                }
            }
        })
    }
}

/// The payload stands in Base64, because it need be no text.
fn without_payload(input: &Value) -> (Value, Vec<u8>) {
    let mut members = input.as_object().cloned().unwrap_or_default();
    let payload = members.remove("Payload");
    let payload = payload.as_ref().and_then(Value::as_str).and_then(aws_protocols::base64::decode);
    (Value::Object(members), payload.unwrap_or_default())
}

fn of_service(trouble: CallTrouble) -> Trouble {
    let may_pass = trouble.may_pass();
    match trouble {
        CallTrouble::Refused(error) => {
            Trouble { code: error.code.as_str().into(), message: error.message, may_pass }
        }
        CallTrouble::NotMade(message) => Trouble { code: "INVALID_PARAMETER".into(), message, may_pass },
        CallTrouble::NoAnswer(message) => Trouble { code: "SDK_CLIENT_ERROR".into(), message, may_pass },
    }
}

/// AWS tries again after 401, 407, 409, 429 and 5xx, and after trouble with the connection. (EventBridge user guide, "API
/// destinations")
fn of_api(trouble: ApiTrouble) -> Trouble {
    let ApiTrouble { name, cause } = trouble;
    let status = name.strip_prefix("States.Http.StatusCode.").and_then(|status| status.parse::<u16>().ok());
    let may_pass = match status {
        Some(status) => matches!(status, 401 | 407 | 409 | 429 | 500..),
        None => name.ends_with(".Socket"),
    };
    Trouble { code: Text::from(name), message: cause, may_pass }
}
