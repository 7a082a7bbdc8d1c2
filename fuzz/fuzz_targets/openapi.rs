//! OpenAPI documents: whatever text is imported, it becomes an API or is refused, and what became one is deployed or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(fault) = fuzz::bounded(|| gateway::check_openapi(text)) {
        assert!(!fault.message.is_empty());
    }
});
