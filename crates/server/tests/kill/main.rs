//! A server under load is killed again and again. Nothing that it acknowledged may be lost, nothing
//! may happen twice, everything must end.
//!
//! `STEPWELL_KILLS` says how often (6), `STEPWELL_SEED` repeats a run's choices. `loads.rs` and
//! `map_loads.rs` have what it is loaded with, one entry for each kind.

mod check;
mod dice;
#[path = "../harness/mod.rs"]
mod harness;
mod loads;
mod map_loads;
mod world;

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use check::{Complaint, Verdict};
use dice::Dice;
use harness::{Folder, Server, have, outcome, stepwell};
use world::World;

/// How the server keeps its data while it is killed.
struct Regime {
    name: &'static str,
    segment_bytes: &'static str,
    /// How long it keeps closed executions; `None`: longer than the test lasts.
    retention_seconds: Option<u64>,
}

const REGIMES: [Regime; 2] = [
    // Everything stays, so everything is checked again at the end.
    Regime { name: "keeping all", segment_bytes: "1048576", retention_seconds: None },
    // Little stays, so snapshots, expiry, moves and dropped segments are always under way.
    Regime { name: "compacting", segment_bytes: "32768", retention_seconds: Some(5) },
];

/// What a run amounts to.
#[derive(Default)]
struct Figures {
    kills: u32,
    starts_killed: u32,
    starts: usize,
    answers: usize,
    redrives: i64,
    looks: usize,
    complaints: Vec<Complaint>,
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let kills: u32 = variable("STEPWELL_KILLS").unwrap_or(6);
    let seed = variable("STEPWELL_SEED").unwrap_or_else(|| std::process::id().into());
    println!("{kills} kills, STEPWELL_SEED={seed}");
    let mut dice = Dice(seed);
    let mut all = Figures::default();
    let count = REGIMES.len() as u32;
    for (at, regime) in (0..).zip(&REGIMES) {
        let share = kills / count + u32::from(at < kills % count);
        let began = Instant::now();
        let figures = run(regime, share, &mut dice);
        println!("{}: {}, {:.1} s", regime.name, figures.line(), began.elapsed().as_secs_f64());
        all.add(figures);
    }
    println!("{}", all.line());
    for complaint in all.complaints.iter().take(10) {
        println!("{complaint}");
    }
    assert!(all.complaints.is_empty(), "{} complaints", all.complaints.len());
    assert!(all.redrives > 0 || !have("python3"), "nothing was redriven");
    let least = 5 * kills as usize;
    assert!(
        all.starts > least && all.answers > 0 && all.looks > least,
        "the load was too small to say anything"
    );
}

fn run(regime: &Regime, kills: u32, dice: &mut Dice) -> Figures {
    let folder = Folder::new("kill");
    let with_functions = have("python3");
    loads::write_project(&folder, with_functions);
    let mut figures = Figures { kills, ..Figures::default() };
    let mut server = start(&folder, regime);
    let retention = regime.retention_seconds.map(Duration::from_secs);
    let world = Arc::new(World::new(&folder, &server, with_functions, retention));
    let workers = world.start_workers(dice);
    for cycle in 0..kills {
        std::thread::sleep(Duration::from_millis(50 + dice.below(600)));
        server.kill();
        // A start reads, cuts off, writes again: it must bear being killed, too.
        for _ in 0..dice.below(8).saturating_sub(5) {
            figures.starts_killed += 1;
            kill_a_start(&folder, regime, Duration::from_millis(dice.below(80)));
        }
        server = start(&folder, regime);
        world.port.store(server.port, SeqCst);
        let looked = world.look_at_recent_ones();
        figures.take(looked);
        if cycle % 50 == 49 {
            println!("{}: {} of {kills} kills, {} starts", regime.name, cycle + 1, world.started_count());
        }
    }
    world.starting.store(false, SeqCst);
    world.wait_until_all_ended();
    let looked = world.look_at_all();
    figures.take(looked);
    if retention.is_some() && kills > 1 {
        wait_until_compacted(&folder.0.join("data"));
    }
    world.working.store(false, SeqCst);
    (figures.starts, figures.answers) = (world.started_count(), world.answered_count());
    figures.redrives = world.redriven_count();
    // Workers that poll are waiting for up to a minute; the end of the server ends that.
    server.kill();
    workers.into_iter().for_each(|worker| worker.join().expect("a worker found a mistake"));
    let data = folder.0.join("data");
    let (code, out, err) = outcome(&mut stepwell(["verify", "--data-dir", data.to_str().unwrap()]));
    assert_eq!(code, 0, "{out}{err}");
    figures
}

fn command(folder: &Folder, regime: &Regime) -> std::process::Command {
    let config = folder.0.join("stepwell.toml");
    let mut command = stepwell(["server", "--config", config.to_str().unwrap(), "--log", "error"]);
    command.args(["--segment-bytes", regime.segment_bytes]);
    if let Some(seconds) = regime.retention_seconds {
        command.args(["--retention-seconds", &seconds.to_string()]);
    }
    command
}

fn start(folder: &Folder, regime: &Regime) -> Server {
    Server::start(&mut command(folder, regime))
}

fn kill_a_start(folder: &Folder, regime: &Regime, after: Duration) {
    let mut command = command(folder, regime);
    let mut child = command.args(["--port", "0"]).stdout(Stdio::null()).spawn().expect("stepwell starts");
    std::thread::sleep(after);
    if let Some(status) = child.try_wait().expect("it can be asked") {
        panic!("a start ended by itself: {status}");
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
}

/// That the regime does what it is for: segments were dropped, and snapshots say what was in them.
fn wait_until_compacted(data: &Path) {
    let began = Instant::now();
    while data.join("segment-00000001.log").exists() {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing was compacted in {}", data.display());
        std::thread::sleep(Duration::from_millis(50));
    }
}

impl Figures {
    fn take(&mut self, verdicts: Vec<Verdict>) {
        self.looks += verdicts.len();
        self.complaints.extend(verdicts.into_iter().filter_map(Result::err));
    }

    fn add(&mut self, other: Figures) {
        self.kills += other.kills;
        self.starts_killed += other.starts_killed;
        self.starts += other.starts;
        self.answers += other.answers;
        self.redrives += other.redrives;
        self.looks += other.looks;
        self.complaints.extend(other.complaints);
    }

    fn line(&self) -> String {
        let count =
            |is: fn(&Complaint) -> bool| self.complaints.iter().filter(|complaint| is(complaint)).count();
        format!(
            "{} kills and {} of starts; {} acknowledged starts, {} acknowledged answers, {} acknowledged redrives, {} looks: {} lost, {} doubled, {} otherwise wrong",
            self.kills,
            self.starts_killed,
            self.starts,
            self.answers,
            self.redrives,
            self.looks,
            count(|complaint| matches!(complaint, Complaint::Lost(_))),
            count(|complaint| matches!(complaint, Complaint::Doubled(_))),
            count(|complaint| matches!(complaint, Complaint::Wrong(_))),
        )
    }
}

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}
