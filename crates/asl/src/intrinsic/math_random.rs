//! `States.MathRandom(start, end[, seed])`: an integer from start (included) to end (excluded).

use json::Value;

use super::arguments;
use crate::environment::Surroundings;
use crate::java;

pub(super) fn math_random(
    start: &Value,
    end: &Value,
    seed: Option<&Value>,
    surroundings: &dyn Surroundings,
) -> Result<Value, String> {
    let start = arguments::integer(start, "start number")?;
    let end = arguments::integer(end, "end number")?;
    if start >= end {
        return Err(format!("The start number {start} must be less than the end number {end}"));
    }
    let count = end - start;
    let offset = match seed {
        Some(seed) => {
            let mut random = java::Random::new(arguments::integer(seed, "seed")?);
            match i32::try_from(count) {
                Ok(count) => i64::from(random.next_int(count)),
                Err(_) => random.next_long().rem_euclid(count),
            }
        }
        // 2¹²⁸ is so much more than 2³² that all numbers are as likely.
        None => (surroundings.random() % count as u128) as i64,
    };
    Ok(Value::Int(start + offset))
}
