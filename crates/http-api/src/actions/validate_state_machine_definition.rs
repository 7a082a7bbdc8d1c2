//! ValidateStateMachineDefinition: what CreateStateMachine would say of a definition.

use asl::{Diagnostic, Options, Severity};
use json::Text;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::page;

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    let compiled = asl::compile(&request.definition, Options { express: request.express });
    Ok(write(&compiled.diagnostics, &request))
}

/// What to check, and what to tell.
struct Request {
    definition: Text,
    express: bool,
    with_warnings: bool,
    limit: usize,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let definition = members.required_text("definition", &constraint::DEFINITION)?;
    let machine_type = members.choice("type", constraint::MACHINE_TYPE)?;
    let severity = members.choice("severity", constraint::SEVERITY)?;
    let limit = page::limit(members.integer("maxResults", constraint::DIAGNOSTICS)?);
    members.check()?;
    let (express, with_warnings) = (machine_type == Some("EXPRESS"), severity == Some("WARNING"));
    Ok(Request { definition, express, with_warnings, limit })
}

/// Warnings never make a definition fail.
fn write(diagnostics: &[Diagnostic], request: &Request) -> String {
    let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
    let told: Vec<&Diagnostic> =
        diagnostics.iter().filter(|diagnostic| request.with_warnings || is_error(diagnostic)).collect();
    answer::object(|answer| {
        answer.text("result", if diagnostics.iter().any(is_error) { "FAIL" } else { "OK" });
        answer.objects("diagnostics", told.iter().take(request.limit), |item, diagnostic| {
            item.text("severity", if is_error(diagnostic) { "ERROR" } else { "WARNING" });
            item.text("code", diagnostic.code);
            item.text("message", &diagnostic.message);
            item.optional_text("location", diagnostic.location.as_deref());
        });
        answer.truth("truncated", told.len() > request.limit);
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    fn request(with_warnings: bool, limit: usize) -> Request {
        Request { definition: "{}".into(), express: false, with_warnings, limit }
    }

    #[test]
    fn requests() {
        let check = |members: &str, expected: &str| {
            let show = |request: Request| {
                let Request { definition, express, with_warnings, limit } = request;
                format!("{definition} {express} {with_warnings} {limit}")
            };
            assert_eq!(outcome(read, show, &format!(r#"{{"definition":" "{members}}}"#)), expected);
        };
        check("", "  false false 100");
        check(r#","type":"EXPRESS","severity":"WARNING","maxResults":5"#, "  true true 5");
        check(
            r#","maxResults":101"#,
            "ValidationException: 1 validation error detected: Value '101' at 'maxResults' failed to satisfy \
             constraint: Member must have value less than or equal to 100",
        );
    }

    #[test]
    fn answers() {
        let diagnostic = |severity, location: Option<&str>| Diagnostic {
            severity,
            code: "CODE",
            message: "text".into(),
            location: location.map(str::to_owned),
        };
        let warning = diagnostic(Severity::Warning, Some("/States"));
        let error = diagnostic(Severity::Error, None);
        let shown_error = r#"{"severity":"ERROR","code":"CODE","message":"text"}"#;
        let shown_warning = r#"{"severity":"WARNING","code":"CODE","message":"text","location":"/States"}"#;
        let check = |diagnostics: &[Diagnostic], request: Request, expected: String| {
            assert_eq!(write(diagnostics, &request), expected);
        };
        let ok = r#"{"result":"OK","diagnostics":[],"truncated":false}"#;
        check(&[], request(false, 100), ok.to_owned());
        check(std::slice::from_ref(&warning), request(false, 100), ok.to_owned());
        let both = [warning, error];
        check(
            &both,
            request(true, 100),
            format!(r#"{{"result":"FAIL","diagnostics":[{shown_warning},{shown_error}],"truncated":false}}"#),
        );
        check(
            &both,
            request(true, 1),
            format!(r#"{{"result":"FAIL","diagnostics":[{shown_warning}],"truncated":true}}"#),
        );
    }
}
