//! OpenAPI 3 and Swagger 2 with API Gateway's extensions: read, imported, exported. (spec/vtl.md §6.7)
//!
//! An import takes the same steps as a caller of the API would, so that nothing comes in by a document that would be
//! refused otherwise. Never here: where a document comes from.

mod document;
mod export;
mod import;
mod method;
mod parts;
mod read;
mod yaml_text;

use aws_names::Scope;
use json::{Value, value};

use services::records::{Draft, Records};

use crate::control::{Work, load_api};
use crate::fault::Fault;
use crate::invoke::Deployed;
use services::Members;
use services::Moment;

pub(crate) use export::export;
pub(crate) use import::{import, put};
pub use read::read;

/// Whether a document could be imported and deployed; if so, what was found that is no mistake, and yet not done.
pub fn check(document: &str) -> Result<Vec<String>, Fault> {
    let records = Records::default();
    let mut draft = Draft::new(&records);
    let mut moment = Moment::new(0, 0);
    let scope = Scope::default();
    let mut work = Work { draft: &mut draft, scope: &scope, moment: &mut moment };
    let input = value!({"body": vtl::text::base64_encode(document.as_bytes())});
    let api = import(&input, &mut work)?;
    let record = load_api(work.draft, api.text_or_empty("id"), &scope.account)?;
    let has_all = |resource: &Value| {
        resource.part("resourceMethods").values().all(|method| method.member("methodIntegration").is_some())
    };
    if record.part("resources").values().all(has_all) {
        Deployed::compile(record).map_err(|why| Fault::bad(format!("Invalid API: {why}")))?;
    }
    Ok(api.texts("warnings").into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests;
