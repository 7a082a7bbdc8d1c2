//! APPSYNC_JS: whatever code comes, it is refused or its handlers end within their budget.

#![no_main]

use appsync_js::{Budget, Code, Handler, Host};
use fuzz::Case;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(Case { input, text }) = Case::read(data) else { return };
    let Ok(code) = Code::compile(text) else { return };
    let context = json::value!({"arguments": (input.clone().unwrap_or_default()), "result": (input.unwrap_or_default())});
    let host = Host { budget: Budget { steps_max: 20 }, ..Host::default() };
    for handler in [Handler::Request, Handler::Response] {
        if code.has(handler) {
            let _ = code.call(handler, &context, &host);
        }
    }
});
