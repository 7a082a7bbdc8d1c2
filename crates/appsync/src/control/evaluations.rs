//! EvaluateCode and EvaluateMappingTemplate: a handler runs on a context that the caller brings.

use appsync_js::{Code, CodeErrors, Ended, FieldError, Handler, Host, Log, Outcome};
use json::{Object, Value, value};
use services::{Fault, Members, Moment};
use vtl::appsync::Transformed;

use super::fault::bad;
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
                "message": (CodeErrors::MESSAGE), "codeErrors": (errors.to_json())
            });
            return Ok(value!({"error": error, "logs": [], "stash": "{}", "outErrors": "[]"}));
        }
    };
    let host = Host { now_milliseconds: moment.now, seed: moment.draw(), ..Host::default() };
    let Outcome { result, stash, out_errors, logs, .. } = code.call(handler, &context, &host);
    Ok(told(result.map(|result| result.to_text()), &stash, &out_errors, &logs))
}

pub(super) fn of_template(input: &Value, moment: &mut Moment) -> Result<Value, Fault> {
    let context = context(input)?;
    let template = match vtl::appsync::parse(input.text_or_empty("template")) {
        Ok(template) => template,
        Err(error) => {
            let error = value!({"message": (error.to_string())});
            return Ok(value!({"error": error, "logs": [], "stash": "{}", "outErrors": "[]"}));
        }
    };
    let surroundings = vtl::appsync::Surroundings {
        now_milliseconds: moment.now,
        seed: moment.draw(),
        ..vtl::appsync::Surroundings::default()
    };
    let outcome = vtl::appsync::render(&template, &context, &surroundings, vtl::Budget::default());
    let vtl::appsync::Outcome { result, stash, out_errors, logs, .. } = outcome;
    let result = result.map(|transformed| match transformed {
        Transformed::Text(text) => text,
        Transformed::Returned(value) => value.unwrap_or_default().to_text(),
    });
    Ok(told(result, &stash, &out_errors, &logs))
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

fn told(result: Result<String, Ended>, stash: &Value, out_errors: &[FieldError], logs: &[Log]) -> Value {
    let mut answer = Object::new();
    match result {
        Ok(result) => drop(answer.insert("evaluationResult", result)),
        Err(Ended::Raised(error)) => drop(answer.insert("error", value!({"message": (error.message)}))),
        Err(Ended::Failed { message } | Ended::Exceeded { message }) => {
            answer.insert("error", value!({"message": message}));
        }
    }
    let log = |log: &Log| Value::from(format!("{}: {}", log.level, log.text));
    answer.insert("logs", logs.iter().map(log).collect::<Value>());
    answer.insert("stash", stash.to_text());
    let error = |error: &FieldError| {
        value!({
            "message": (error.message.clone()), "type": (error.error_type.clone()),
            "data": (error.data.clone()), "errorInfo": (error.error_info.clone())
        })
    };
    answer.insert("outErrors", out_errors.iter().map(error).collect::<Value>().to_text());
    answer.into()
}
