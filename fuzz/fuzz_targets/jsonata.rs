//! JSONata, over an input, with the budget that an execution grants.

#![no_main]

use fuzz::{Case, World};
use jsonata::{Budget, Expression, Outside};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// How deep an input nests that the test walks itself.
const DEPTH_MAX: usize = 400;

/// What an expression may build on top of its input.
const BUILT_MAX: usize = 500;

fuzz_target!(|data: &[u8]| {
    let Some(Case { input, text }) = Case::read(data) else { return };
    let input = input.filter(|input| !input.depth_exceeds(DEPTH_MAX));
    let surroundings = World::new(input.clone().unwrap_or_default());
    let result = fuzz::bounded(|| {
        let expression = Expression::compile(text).ok()?;
        assert_eq!(expression.text(), text);
        let outside = Outside { now: 1_700_000_000_123, seed: 7 };
        expression.evaluate(input.as_ref(), &surroundings, outside, &mut Budget::default()).ok()?
    });
    if let Some(result) = result {
        assert!(!result.depth_exceeds(DEPTH_MAX + BUILT_MAX), "it nests too deep");
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::vary_case(data, size, max_size, seed, &fuzz::pieces::JSONATA)
});
