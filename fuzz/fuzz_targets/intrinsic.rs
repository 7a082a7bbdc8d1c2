//! Calls of intrinsic functions, over an input.

#![no_main]

use asl::Environment;
use asl::intrinsic::Call;
use fuzz::{Case, World};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| {
    let Some(Case { input, text }) = Case::read(data) else { return };
    let input = input.unwrap_or_default();
    let surroundings = World::new(input.clone());
    let environment = Environment::new(&input, &surroundings);
    fuzz::bounded(|| {
        let Ok(call) = Call::parse(text) else { return };
        // White space around the call is no part of it.
        assert!(text.contains(call.text()));
        call.variables();
        let _ = call.evaluate("x.$", &environment);
    });
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::vary_case(data, size, max_size, seed, &fuzz::pieces::INTRINSIC)
});
