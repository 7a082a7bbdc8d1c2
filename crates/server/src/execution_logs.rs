//! Execution logs: files below a folder, one folder for each log group, or all on standard output; written
//! by one thread.
//!
//! `<log group>/executions.jsonl` has the newest lines; when it is full it becomes
//! `executions.1.jsonl`, that one `executions.2.jsonl`, and so on up to a number of files. Best effort,
//! as on AWS: nothing is synced, and what cannot be written is left out. Never here: how a line looks.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use engine::LogSink;
use engine::logs::LogMessage;

/// Where lines go.
#[derive(Clone, Debug)]
pub enum Destination {
    /// Files below this folder.
    Folder(PathBuf),
    /// Standard output. The lines of all log groups are mixed there; each names its execution.
    Stdout,
}

/// How large logs get.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of one file, in bytes.
    pub file_bytes: u64,
    /// Of one log group, at least 1.
    pub files: u32,
}

/// Files that are open at once; more log groups than this are opened again and again.
const OPEN_MAX: usize = 64;

/// As `nice` counts: a twentieth of a busy processor. (Linux keeps a priority for each thread.)
const LOW_PRIORITY: i32 = 15;

/// Lines that are gathered before they go to their file.
const BUFFER_BYTES: usize = 256 << 10;

/// Starts the thread. It ends when the last clone of the sink is gone.
pub fn start(destination: Destination, limits: Limits) -> io::Result<LogSink> {
    let (sink, mut messages) = LogSink::channel();
    let mut logs = Logs { destination, limits, open: HashMap::new(), failing: false };
    std::thread::Builder::new().name("logs".to_owned()).spawn(move || {
        // Where executions need all processors, they come first: what finds no room is left out.
        if let Err(error) = rustix::process::setpriority_process(None, LOW_PRIORITY) {
            tracing::debug!(%error, "execution logs are written with ordinary priority");
        }
        while messages.take(|message| logs.take(message)) {
            // What has gathered is written: the lines of quiet log groups are not kept waiting for ever.
            logs.write_all();
        }
    })?;
    Ok(sink)
}

struct Logs {
    destination: Destination,
    limits: Limits,
    /// By log group.
    open: HashMap<String, LogFile>,
    /// Whether the last write failed, which was said then.
    failing: bool,
}

impl Logs {
    fn take(&mut self, message: LogMessage) {
        match message {
            LogMessage::Entry(entry) => {
                if self.open.len() >= OPEN_MAX && !self.open.contains_key(&*entry.target.group) {
                    self.write_all();
                    self.open.clear();
                }
                let file = self.open.entry(entry.target.group.to_string()).or_default();
                http_api::write_log_lines(&entry, &mut file.buffer);
                if file.buffer.len() >= BUFFER_BYTES {
                    let written = file.write(&self.destination, &entry.target.group, self.limits);
                    self.note(written);
                }
            }
            LogMessage::Flush(written) => {
                self.write_all();
                // Whoever asked may have waited long enough.
                let _ = written.send(());
            }
        }
    }

    fn write_all(&mut self) {
        let mut outcome = Ok(());
        for (group, file) in &mut self.open {
            if !file.buffer.is_empty() {
                outcome = outcome.and(file.write(&self.destination, group, self.limits));
            }
        }
        self.note(outcome);
    }

    /// Says when writing begins to fail, not each time.
    fn note(&mut self, written: io::Result<()>) {
        match written {
            Ok(()) => self.failing = false,
            Err(error) if !self.failing => {
                self.failing = true;
                tracing::warn!("execution logs cannot be written to {}: {error}", self.destination);
            }
            Err(_) => {}
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::Folder(folder) => folder.display().fmt(f),
            Destination::Stdout => f.write_str("standard output"),
        }
    }
}

/// The newest file of a log group.
#[derive(Default)]
struct LogFile {
    /// Opened with the first write.
    file: Option<(File, u64)>,
    /// Whole lines that are not in it yet.
    buffer: String,
}

impl LogFile {
    /// Writes what is gathered. After a failure it is gone, and the file is opened again.
    fn write(&mut self, destination: &Destination, group: &str, limits: Limits) -> io::Result<()> {
        let lines = std::mem::take(&mut self.buffer);
        match destination {
            Destination::Folder(folder) => self.append(&lines, &folder.join(folder_of(group)), limits)?,
            Destination::Stdout => io::stdout().lock().write_all(lines.as_bytes())?,
        }
        // The buffer is used again.
        self.buffer = lines;
        self.buffer.clear();
        Ok(())
    }

    fn append(&mut self, lines: &str, folder: &Path, limits: Limits) -> io::Result<()> {
        let (mut file, mut size) = match self.file.take() {
            Some(open) => open,
            None => open(folder)?,
        };
        if size >= limits.file_bytes {
            rotate(folder, limits.files)?;
            (file, size) = open(folder)?;
        }
        file.write_all(lines.as_bytes())?;
        self.file = Some((file, size + lines.len() as u64));
        Ok(())
    }
}

fn open(folder: &Path) -> io::Result<(File, u64)> {
    fs::create_dir_all(folder)?;
    let file = OpenOptions::new().create(true).append(true).open(file_of(folder, 0))?;
    let size = file.metadata()?.len();
    Ok((file, size))
}

/// Every file moves one place on, and the last one goes.
fn rotate(folder: &Path, files: u32) -> io::Result<()> {
    let is_missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    if files <= 1 {
        return fs::remove_file(file_of(folder, 0));
    }
    for number in (0..files - 1).rev() {
        match fs::rename(file_of(folder, number), file_of(folder, number + 1)) {
            Err(error) if !is_missing(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn file_of(folder: &Path, number: u32) -> PathBuf {
    match number {
        0 => folder.join("executions.jsonl"),
        number => folder.join(format!("executions.{number}.jsonl")),
    }
}

/// A log group's folder: its name, of which nothing may lead anywhere else.
fn folder_of(group: &str) -> PathBuf {
    let is_fine = |character: char| character.is_ascii_alphanumeric() || "._-#".contains(character);
    let parts = group.split('/').filter(|part| !part.is_empty());
    let mut folder: PathBuf = parts
        .map(|part| match part {
            "." | ".." => part.replace('.', "_"),
            part => part.chars().map(|character| if is_fine(character) { character } else { '_' }).collect(),
        })
        .collect();
    if folder.as_os_str().is_empty() {
        folder.push("_");
    }
    folder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_group_has_a_folder_inside() {
        for (group, folder) in [
            ("/aws/vendedlogs/states/my-group", "aws/vendedlogs/states/my-group"),
            ("plain#1", "plain#1"),
            ("../../etc/./x", "__/__/etc/_/x"),
            ("a\0b\\c:d", "a_b_c_d"),
            ("/", "_"),
            ("", "_"),
        ] {
            assert_eq!(folder_of(group), Path::new(folder), "{group}");
        }
    }

    #[test]
    fn full_files_move_on_and_the_oldest_goes() {
        let folder = std::env::temp_dir().join(format!("stepwell-logs-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let limits = Limits { file_bytes: 10, files: 3 };
        let mut file = LogFile::default();
        for number in 0..7 {
            file.buffer = format!("line number {number}\n");
            file.write(&Destination::Folder(folder.clone()), "/g", limits).expect("it can be written");
            if number == 2 {
                // As after a restart.
                file = LogFile::default();
            }
        }
        let shown: Vec<String> =
            (0..4).map(|n| fs::read_to_string(file_of(&folder.join("g"), n)).unwrap_or_default()).collect();
        assert_eq!(shown, ["line number 6\n", "line number 5\n", "line number 4\n", ""]);
        fs::remove_dir_all(&folder).expect("it was made here");
    }
}
