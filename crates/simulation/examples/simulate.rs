//! Runs the simulation for one seed, or for ever new ones: `simulate [SEED] [TURNS]`.
//!
//! A seed that breaks a promise ends the run with its number; the same number breaks it again.

// The runner may look at the clock; what it runs may not.
#![allow(clippy::disallowed_methods)]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Turns of one seed, and of a whole run without a seed.
const TURNS_OF_A_SEED: u64 = 20_000;
const TURNS: u64 = 400_000;

fn main() {
    let number = |place: usize| std::env::args().nth(place).and_then(|text| text.parse::<u64>().ok());
    let began = Instant::now();
    let (mut turns, mut events, mut seeds) = (0, 0, 0);
    match number(1) {
        Some(seed) => {
            let report = simulation::run(seed, number(2).unwrap_or(TURNS_OF_A_SEED));
            println!("{report:#?}");
            (turns, events, seeds) = (report.turns, report.events, 1);
        }
        None => {
            let first = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs());
            for seed in first.. {
                let report = simulation::run(seed, TURNS_OF_A_SEED);
                (turns, events, seeds) = (turns + report.turns, events + report.events, seeds + 1);
                if turns >= TURNS {
                    break;
                }
            }
        }
    }
    println!(
        "{seeds} seeds, {turns} turns, {events} events in {:.1} s: every promise held",
        began.elapsed().as_secs_f64()
    );
}
