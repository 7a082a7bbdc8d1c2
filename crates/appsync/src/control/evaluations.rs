//! EvaluateCode and EvaluateMappingTemplate: a handler runs on a context that the caller brings.

use appsync_js::{Code, Ended, Handler, Host, Outcome};
use json::{Object, Value, value};
use services::{Fault, Members, Moment};

use super::fault::{bad, unsupported};
use super::handlers;

pub(super) fn of_code(input: &Value, moment: &mut Moment) -> Result<Value, Fault> {
    handlers::runtime(input)?;
    let context = context(input)?;
    let handler = match input.text("function") {
        None | Some("request") => Handler::Request,
        Some("response") => Handler::Response,
        Some(other) => {
            return Err(bad(format!("There is no function {other}: request and response there are")));
        }
    };
    let code = match Code::compile(input.text_or_empty("code")) {
        Ok(code) => code,
        Err(errors) => {
            let error = value!({
                "message": (appsync_js::CodeErrors::MESSAGE), "codeErrors": (errors.to_json())
            });
            return Ok(value!({"error": error, "logs": [], "stash": "{}", "outErrors": "[]"}));
        }
    };
    let host = Host { now_milliseconds: moment.now, seed: moment.draw(), ..Host::default() };
    Ok(told(code.call(handler, &context, &host)))
}

pub(super) fn of_template(input: &Value, _moment: &mut Moment) -> Result<Value, Fault> {
    context(input)?;
    if let Err(error) = crate::resolve::parse_template(input.text_or_empty("template")) {
        return Err(bad(format!("The template is no mapping template: {error}")));
    }
    Err(unsupported("EvaluateMappingTemplate", "send a query to an API that has the template"))
}

/// `ctx`, with what handlers may expect to be there.
fn context(input: &Value) -> Result<Value, Fault> {
    let given = Value::parse(input.text_or_empty("context"));
    let given = given.map_err(|error| bad(format!("The context is no JSON: {error}")))?;
    let Value::Object(given) = given else { return Err(bad("The context must be a JSON object")) };
    let mut context = Object::new();
    for member in ["arguments", "stash", "env"] {
        context.insert(member, Object::new());
    }
    context.insert("outErrors", json::Array::new());
    for (name, value) in given.iter() {
        context.insert(name.clone(), value);
    }
    Ok(context.into())
}

fn told(outcome: Outcome) -> Value {
    let mut answer = Object::new();
    match outcome.result {
        // What returns nothing has no result.
        Ok(Value::Null) => drop(answer.insert("evaluationResult", "null")),
        Ok(result) => drop(answer.insert("evaluationResult", result.to_text())),
        Err(Ended::Raised(error)) => drop(answer.insert("error", value!({"message": (error.message)}))),
        Err(Ended::Failed { message } | Ended::Exceeded { message }) => {
            answer.insert("error", value!({"message": message}));
        }
    }
    let log = |log: &appsync_js::Log| Value::from(format!("{}: {}", log.level, log.text));
    answer.insert("logs", outcome.logs.iter().map(log).collect::<Value>());
    answer.insert("stash", outcome.stash.to_text());
    let error = |error: &appsync_js::FieldError| {
        value!({
            "message": (error.message.clone()), "type": (error.error_type.clone()),
            "data": (error.data.clone()), "errorInfo": (error.error_info.clone())
        })
    };
    answer.insert("outErrors", outcome.out_errors.iter().map(error).collect::<Value>().to_text());
    answer.into()
}
