//! Runs both simulations: `simulate [SEED] [--transitions N]`.
//!
//! Without a seed it takes new ones, on all cores at once, until so many transitions were made in the whole
//! engine. A seed that breaks a promise ends the run with its film; the same number breaks it again.

#![allow(clippy::disallowed_methods, reason = "the simulation takes no real time, whoever times it does")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs, process, thread};

use simulation::whole_engine::{Length, Medium};
use simulation::{BrokenPromise, core_alone, whole_engine};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a build server has time for.
const TRANSITIONS: u64 = 10_000_000;

/// What one seed does: many seeds see more than long ones.
const TURNS_OF_A_SEED: u64 = 800;
const TRANSITIONS_OF_A_SEED: u64 = 60_000;

/// Every eighth seed has a real folder, where a frame may be there in part; it takes longer.
const FOLDER_EVERY: u64 = 8;
const TRANSITIONS_OF_A_FOLDER: u64 = 15_000;

/// How often a long run says how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let (mut seed, mut transitions) = (None, TRANSITIONS);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let text =
            if argument == "--transitions" { arguments.next().unwrap_or_default() } else { argument.clone() };
        let Ok(number) = text.parse::<u64>() else {
            eprintln!("usage: simulate [SEED] [--transitions N]");
            return ExitCode::FAILURE;
        };
        if argument == "--transitions" {
            transitions = number;
        } else {
            seed = Some(number);
        }
    }
    let ran = match seed {
        Some(seed) => again(seed),
        None => many(transitions),
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(broken) => {
            eprintln!("{broken}");
            ExitCode::FAILURE
        }
    }
}

/// One seed, told in full.
fn again(seed: u64) -> Result<(), BrokenPromise> {
    println!("the core alone: {:#?}", core_alone::run(seed, TURNS_OF_A_SEED)?);
    println!("the whole engine: {:#?}", whole(seed)?);
    println!("every promise held");
    Ok(())
}

/// What all threads have done.
#[derive(Default)]
struct Done {
    begun: u64,
    core: core_alone::Report,
    whole: whole_engine::Report,
    broken: Option<BrokenPromise>,
    told_at: Duration,
}

/// New seeds, until so many transitions were made.
fn many(transitions: u64) -> Result<(), BrokenPromise> {
    let first = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs());
    // Some more than there are cores: a store that finds its disk full waits in real time.
    let threads = thread::available_parallelism().map_or(1, |cores| usize::from(cores).div_ceil(2) * 3);
    println!("seeds from {first} on, {threads} at once, {transitions} transitions");
    let began = Instant::now();
    let done = Mutex::new(Done::default());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(number) = next(&done, transitions) {
                    one(first + number, &done, began);
                }
            });
        }
    });
    let Done { begun, core, whole, broken, .. } = done.into_inner().expect(NEVER_POISONED);
    let seconds = began.elapsed().as_secs_f64();
    if let Some(broken) = broken {
        return Err(broken);
    }
    println!(
        "\nthe core alone: {begun} seeds, {} executions ({} of generated machines), {} turns, {} events",
        core.executions, core.executions_generated, core.turns, core.events
    );
    println!(
        "the whole engine: {begun} seeds, {} executions ({} of generated machines), {} transitions ({} of generated \
         machines), {} events in {seconds:.0} s: {:.0} transitions a second\n",
        whole.executions,
        whole.executions_generated,
        whole.transitions,
        whole.transitions_generated,
        whole.events,
        whole.transitions as f64 / seconds
    );
    for (name, count) in whole.counters() {
        println!("{:>12}  {}", count, name.replace('_', " "));
    }
    let never: Vec<&str> =
        whole.counters().into_iter().filter(|(_, count)| *count == 0).map(|(name, _)| name).collect();
    if never.is_empty() {
        println!("\nevery fault happened, every promise held");
    } else {
        println!("\nevery promise held; never happened: {never:?}");
    }
    Ok(())
}

/// The number of the next seed, while there is more to do.
fn next(done: &Mutex<Done>, transitions: u64) -> Option<u64> {
    let mut done = done.lock().expect(NEVER_POISONED);
    let goes_on = done.broken.is_none() && done.whole.transitions < transitions;
    goes_on.then(|| {
        done.begun += 1;
        done.begun - 1
    })
}

fn one(seed: u64, done: &Mutex<Done>, began: Instant) {
    let ran = core_alone::run(seed, TURNS_OF_A_SEED).and_then(|core| Ok((core, whole(seed)?)));
    let mut done = done.lock().expect(NEVER_POISONED);
    match ran {
        Ok((core, whole)) => {
            done.core.add(&core);
            done.whole.add(&whole);
        }
        // The first one is enough.
        Err(broken) => drop(done.broken.get_or_insert(broken)),
    }
    let now = began.elapsed();
    if now - done.told_at >= PROGRESS_EVERY {
        done.told_at = now;
        let transitions = done.whole.transitions;
        println!(
            "{:>6.0} s  {:>5} seeds begun  {transitions:>12} transitions  {:>8.0} a second",
            now.as_secs_f64(),
            done.begun,
            transitions as f64 / now.as_secs_f64()
        );
    }
}

/// The same number takes the same way when it is repeated.
fn whole(seed: u64) -> Result<whole_engine::Report, BrokenPromise> {
    if seed.is_multiple_of(FOLDER_EVERY) {
        let folder = Folder::new(seed);
        let medium = Medium::Folder(folder.0.clone());
        return whole_engine::run(seed, Length::Transitions(TRANSITIONS_OF_A_FOLDER), medium);
    }
    whole_engine::run(seed, Length::Transitions(TRANSITIONS_OF_A_SEED), Medium::Memory)
}

/// Gone when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(seed: u64) -> Self {
        let path = env::temp_dir().join(format!("stepwell-simulation-{seed}-{}", process::id()));
        let _ = fs::remove_dir_all(&path);
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const NEVER_POISONED: &str = "no holder of this lock panics";
