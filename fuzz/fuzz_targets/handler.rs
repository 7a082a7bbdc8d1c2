//! APPSYNC_JS: whatever code comes, it is refused or its handlers end within their budget.

#![no_main]

use appsync_js::{Budget, Code, Handler, Host};
use fuzz::Case;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| {
    let Some(Case { input, text }) = Case::read(data) else { return };
    let Some(code) = fuzz::bounded(|| Code::compile(text).ok()) else { return };
    let context = json::value!({"arguments": (input.clone().unwrap_or_default()), "result": (input.unwrap_or_default())});
    let host = Host { budget: Budget { steps_max: 20 }, ..Host::default() };
    for handler in [Handler::Request, Handler::Response] {
        if code.has(handler) {
            let _ = fuzz::bounded(|| code.call(handler, &context, &host));
        }
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::vary_case(data, size, max_size, seed, &fuzz::front_pieces::JAVASCRIPT)
});
