//! `stepwell verify`: reads a data folder from end to end and names what is damaged.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use store::verify::Report;

use super::Output;
use crate::data::{self, DataArgs};
use crate::printing;

/// Exit code: something is damaged.
pub const DAMAGED: u8 = 1;

/// Read a data folder from end to end and name what is damaged. Changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stepwell verify --data-dir /var/lib/stepwell
  stepwell verify --config /etc/stepwell/stepwell.toml
  stepwell verify --data-dir /backups/monday --output json

Exit code 0: sound. 1: damaged. 2: it cannot be read, because a server uses it, say.
While a server runs, verify a backup of its folder: that reads the same bytes.")]
pub struct Verify {
    #[command(flatten)]
    data: DataArgs,
    /// How to print what was found.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl Verify {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let folder = self.data.folder()?;
        data::ensure_folder(&folder)?;
        let (report, kept) = data::verify(&folder, &mut data::progress("read")).map_err(|error| match error {
            store::Error::Locked(_) => anyhow::anyhow!(
                "{0} is in use by a running stepwell: stop that one, or verify a copy, which can be made while it runs: \
                 stepwell backup --data-dir {0} --to DEST",
                folder.display()
            ),
            error => data::explain(error),
        })?;
        match self.output {
            Output::Text => print(&folder, &report, kept),
            Output::Json => printing::out(to_json(&folder, &report, kept).to_pretty()),
        }
        Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(DAMAGED) })
    }
}

/// `kept`: how many keys the services have.
fn print(folder: &Path, report: &Report, kept: usize) {
    data::print_damages(report);
    for note in &report.notes {
        printing::out(format_args!("note: {} at byte {}: {}", note.file.display(), note.offset, note.detail));
    }
    let state = if report.is_sound() { "sound" } else { "damaged" };
    printing::out(format_args!("{} is {state}", folder.display()));
    printing::out(format_args!(
        "read: {} in {} segments and {} snapshots; {} frames, {} records",
        data::size(report.bytes),
        report.segments,
        report.snapshots,
        report.frames,
        report.records
    ));
    printing::out(data::contents(report));
    if kept > 0 {
        printing::out(format_args!("services: {kept} entries"));
    }
}

fn to_json(folder: &Path, report: &Report, kept: usize) -> json::Value {
    let list = |items: Vec<json::Value>| items.into_iter().collect::<json::Array>();
    let damages = report.damages.iter().map(|damage| {
        json::value!({
            "file": (damage.file.display().to_string()),
            "offset": (damage.offset.map_or(json::Value::Null, number)),
            "detail": (damage.detail.as_str()),
            "meaning": (damage.meaning.as_str()),
        })
    });
    let unreadable = report.unreadable.iter().map(|unreadable| {
        json::value!({ "executionArn": (unreadable.arn.as_str()), "detail": (unreadable.detail.as_str()) })
    });
    let notes = report.notes.iter().map(|note| {
        json::value!({
            "file": (note.file.display().to_string()),
            "offset": (number(note.offset)),
            "detail": (note.detail.as_str()),
        })
    });
    json::value!({
        "folder": (folder.display().to_string()),
        "sound": (report.is_sound()),
        "bytes": (number(report.bytes)),
        "segments": (number(report.segments as u64)),
        "snapshots": (number(report.snapshots as u64)),
        "frames": (number(report.frames)),
        "records": (number(report.records)),
        "open": (number(report.open as u64)),
        "closed": (number(report.closed as u64)),
        "machines": (number(report.machines as u64)),
        "activities": (number(report.activities as u64)),
        "serviceEntries": (number(kept as u64)),
        "damageCount": (number(report.damage_count as u64)),
        "damages": (list(damages.collect())),
        "unreadableCount": (number(report.unreadable_count as u64)),
        "unreadable": (list(unreadable.collect())),
        "notes": (list(notes.collect())),
    })
}

fn number(number: u64) -> json::Value {
    json::Value::from(i64::try_from(number).unwrap_or(i64::MAX))
}
