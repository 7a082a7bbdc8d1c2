//! What `verify`, `backup` and `restore` share: which folder is meant, and how its state is told.
//!
//! Never here: reading or writing the data. That is `store`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use store::backup::Part;
use store::verify::{Damage, Report};

use crate::printing;
use crate::settings;

/// How often the progress of something long is told.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// Where in the data folder the built-in services keep what they have.
pub const SERVICES: &str = "services";
/// Where in it DynamoDB has its tables.
pub const TABLES: &str = "tables";
/// Where in it the code of functions is that were made by Lambda's API.
pub const CODE: &str = "functions";

/// The folders in a data folder that have what they keep to themselves. Code comes behind the services, which name it.
pub const PARTS: [Part<'_>; 3] = [
    Part { folder: SERVICES, copy: None, verify: &|folder| services_damages(folder) },
    Part { folder: TABLES, copy: Some(&copy_tables), verify: &|folder| tables_damages(folder) },
    Part { folder: CODE, copy: Some(&copy_code), verify: &|_| Ok(Vec::new()) },
];

fn copy_code(from: &Path, to: &Path) -> Result<u64, store::Error> {
    services::lambda::copy_code(from, to)
        .map_err(|source| store::Error::Io { action: "copying the code of functions".to_owned(), source })
}

fn services_damages(folder: &Path) -> Result<Vec<Damage>, store::Error> {
    Ok(ledger::verify::look_through(folder, &mut |_, _| {})?.damages)
}

fn copy_tables(from: &Path, to: &Path) -> Result<u64, store::Error> {
    tables::backup(from, to).map_err(|error| of_tables(error, "copying the tables"))
}

fn tables_damages(folder: &Path) -> Result<Vec<Damage>, store::Error> {
    let told = tables::verify(folder).map_err(|error| of_tables(error, "reading the tables"))?;
    let damage = |detail| Damage {
        file: folder.to_owned(),
        offset: None,
        detail,
        meaning: "tables of DynamoDB cannot be read, or not whole".to_owned(),
    };
    Ok(told.into_iter().map(damage).collect())
}

fn of_tables(error: tables::Error, action: &str) -> store::Error {
    store::Error::Io { action: action.to_owned(), source: std::io::Error::other(error) }
}

/// Reads a data folder from end to end: what is in it and damaged in it, and how many entries the services have.
pub fn verify(folder: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(Report, usize), store::Error> {
    let mut report = store::verify::verify(folder, progress)?;
    let tables = folder.join(TABLES);
    if tables.is_dir() {
        let damages = tables_damages(&tables)?;
        report.damage_count += damages.len();
        report.damages.extend(damages);
    }
    let services = folder.join(SERVICES);
    if !services.is_dir() {
        return Ok((report, 0));
    }
    let kept = ledger::verify::verify(&services, progress)?;
    report.bytes += kept.bytes;
    report.frames += kept.frames;
    report.damage_count += kept.damage_count;
    report.damages.extend(kept.damages);
    Ok((report, kept.keys))
}

/// Which data folder.
#[derive(Clone, Debug, Args)]
pub struct DataArgs {
    /// The data folder.
    #[arg(long, env = "STEPWELL_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The settings file that names it, if --data-dir does not. [default: stepwell.toml, if it is there]
    #[arg(long, env = "STEPWELL_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

impl DataArgs {
    /// The folder that the flags, the environment or the settings name.
    pub fn folder(&self) -> anyhow::Result<PathBuf> {
        if let Some(folder) = &self.data_dir {
            return Ok(folder.clone());
        }
        let default = PathBuf::from(settings::FILE_NAME);
        let file = match &self.config {
            Some(file) => file,
            None if default.is_file() => &default,
            None => anyhow::bail!(
                "which folder? Give --data-dir DIR, or --config FILE with the settings that name it"
            ),
        };
        let loaded = settings::load(file)?;
        let folder = loaded.settings.data.dir.as_ref().map(|folder| loaded.folder.join(folder));
        folder.ok_or_else(|| {
            anyhow::anyhow!("{} names no folder: set dir in [data], or give --data-dir", file.display())
        })
    }

    /// The command that starts a server on the folder.
    pub fn start_command(&self) -> String {
        match (&self.data_dir, &self.config) {
            (None, Some(file)) => format!("stepwell server --config {}", file.display()),
            (None, None) => "stepwell server".to_owned(),
            (Some(folder), Some(file)) => {
                format!("stepwell server --config {} --data-dir {}", file.display(), folder.display())
            }
            (Some(folder), None) => {
                format!("stepwell server --config stepwell.toml --data-dir {}", folder.display())
            }
        }
    }
}

/// Why a data folder cannot be used, and what can be done about it.
pub fn explain(error: store::Error) -> anyhow::Error {
    match error {
        store::Error::Format { place, found, oldest, newest } => anyhow::anyhow!(
            "{place} has data format {found}, and stepwell {} reads formats {oldest} to {newest}: go on with the stepwell \
             that wrote it, or give this one another folder with --data-dir",
            env!("CARGO_PKG_VERSION")
        ),
        store::Error::NoData(folder) => anyhow::anyhow!(
            "{} is not a data folder of stepwell: it has no segment-….log and no snapshot-….dat",
            folder.display()
        ),
        error @ store::Error::Corrupt { .. } => anyhow::anyhow!(
            "{error}; `stepwell verify` names everything that is damaged, `stepwell restore` brings back a backup"
        ),
        error => anyhow::anyhow!("{error}"),
    }
}

/// What is in a folder, in one line.
pub fn contents(report: &Report) -> String {
    format!(
        "executions: {} open, {} closed; state machines: {}, activities: {}",
        report.open, report.closed, report.machines, report.activities
    )
}

/// Each damage and what it means.
pub fn print_damages(report: &Report) {
    for damage in &report.damages {
        let at = damage.offset.map_or(String::new(), |offset| format!(" at byte {offset}"));
        printing::out(format_args!("damaged: {}{at}: {}", damage.file.display(), damage.detail));
        printing::out(format_args!("  {}", damage.meaning));
    }
    print_more(report.damage_count, report.damages.len(), "damages");
    for unreadable in &report.unreadable {
        printing::out(format_args!("unreadable: {}: {}", unreadable.arn, unreadable.detail));
    }
    print_more(report.unreadable_count, report.unreadable.len(), "executions that cannot be read");
}

fn print_more(count: usize, named: usize, what: &str) {
    if count > named {
        printing::out(format_args!("and {} more {what}", count - named));
    }
}

/// A number of bytes for people.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        (value, unit) = (value / 1024.0, unit + 1);
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// Tells on standard error how far something is that takes long.
pub fn progress(verb: &'static str) -> impl FnMut(u64, u64) {
    let mut last = Instant::now();
    move |done, total| {
        if last.elapsed() >= PROGRESS_EVERY {
            last = Instant::now();
            printing::err(format_args!("{verb} {} of {}", size(done), size(total)));
        }
    }
}

/// The folder in a message, when it is not there at all.
pub fn ensure_folder(folder: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(folder.exists(), "there is no folder {}", folder.display());
    anyhow::ensure!(folder.is_dir(), "{} is a file: give its folder", folder.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_for_people() {
        let sizes = [0, 1023, 1024, 1_572_864, 64 << 20, 3 << 30, 5 << 40, u64::MAX].map(size);
        assert_eq!(
            sizes,
            [
                "0 bytes",
                "1023 bytes",
                "1.0 KiB",
                "1.5 MiB",
                "64.0 MiB",
                "3.0 GiB",
                "5.0 TiB",
                "16777216.0 TiB"
            ]
        );
    }
}
