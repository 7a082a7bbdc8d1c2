//! OpenAPI documents: whatever text is imported, it becomes an API or is refused, and what became one is deployed or refused.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(fault) = fuzz::bounded(|| gateway::check_openapi(text)) {
        assert!(!fault.message.is_empty());
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::vary_pieces(data, size, max_size, seed, &fuzz::front_pieces::OPENAPI)
});
