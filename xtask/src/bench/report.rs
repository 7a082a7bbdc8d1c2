//! The report, for people and for programs: groups of figures, each with its date and its machine.
//!
//! Never here: measuring.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use json::Value;

use super::figure::{Figure, Outcome, number_text};

/// All groups, in the order of the report.
pub struct Report {
    pub groups: Vec<Group>,
}

/// Figures that were measured together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// As `--only` names it.
    pub name: String,
    /// For readers.
    pub title: String,
    /// When and on what.
    pub origin: Origin,
    pub figures: Vec<Figure>,
}

/// When figures were measured, and on what.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    pub date: String,
    pub machine: String,
    /// Of this repository.
    pub revision: String,
}

impl Report {
    /// The groups of an earlier report. A file that is not there, or of another shape, has none.
    pub fn read(file: &Path) -> Report {
        let read = || {
            let value = Value::parse(&std::fs::read_to_string(file).ok()?).ok()?;
            value.get("groups")?.as_array()?.iter().map(Group::from_json).collect::<Option<Vec<Group>>>()
        };
        Report { groups: read().unwrap_or_default() }
    }

    /// Puts a group in the place of the earlier one of its name, in the order of `names`.
    pub fn put(&mut self, group: Group, names: &[&str]) {
        self.groups.retain(|earlier| earlier.name != group.name && names.contains(&earlier.name.as_str()));
        self.groups.push(group);
        let place = |group: &Group| names.iter().position(|name| *name == group.name);
        self.groups.sort_by_key(place);
    }

    /// Writes both files.
    pub fn write(&self, markdown: &Path, json: &Path) -> anyhow::Result<()> {
        if let Some(folder) = markdown.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(markdown, self.to_markdown()).context("cannot write the report")?;
        let groups: Value = self.groups.iter().map(Group::to_json).collect();
        std::fs::write(json, json::value!({ "groups": groups }).to_pretty() + "\n")?;
        Ok(())
    }

    /// When and on what the newest group was measured.
    pub fn newest(&self) -> Option<&Origin> {
        self.groups.iter().map(|group| &group.origin).max_by_key(|origin| &origin.date)
    }

    /// One table for each group.
    pub fn to_markdown(&self) -> String {
        // What most groups were measured on need not stand at each.
        let Some(newest) = self.newest() else {
            return "# Benchmark report\n\nNothing is measured yet.\n".to_owned();
        };
        let judged: Vec<bool> =
            self.groups.iter().flat_map(|group| &group.figures).filter_map(Figure::met).collect();
        let mut text = format!(
            "# Benchmark report\n\n`cargo xtask bench` on {}, {}, revision {}. Clients, references and server \
             share the machine, and every start is answered after its fsync. What stands beside a figure is from \
             the same run.\n\n{} of {} targets are met.\n",
            newest.machine,
            newest.date,
            newest.revision,
            judged.iter().filter(|met| **met).count(),
            judged.len()
        );
        for group in &self.groups {
            text.push_str(&group.to_markdown(newest));
        }
        text
    }
}

impl Group {
    fn to_markdown(&self, newest: &Origin) -> String {
        let mut text = format!("\n## {}\n\n", self.title);
        if self.origin != *newest {
            let Origin { date, machine, revision } = &self.origin;
            text.push_str(&format!("Measured {date}, revision {revision}"));
            text.push_str(&if *machine == newest.machine {
                ".\n\n".to_owned()
            } else {
                format!(", on {machine}.\n\n")
            });
        }
        text.push_str("| figure | value | target | met | beside it |\n| --- | ---: | ---: | --- | --- |\n");
        for figure in &self.figures {
            let value = match &figure.outcome {
                Outcome::Measured(number) => format!("{} {}", number_text(*number), figure.unit),
                Outcome::NotAvailable(why) => format!("not available: {why}"),
            };
            let target = figure.target.map(|target| target.text()).unwrap_or_default();
            let met = figure.met().map_or("", |met| if met { "yes" } else { "**no**" });
            let cells = [&figure.name, &value, &target, met, &figure.reference].map(cell);
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        let methods = self.methods();
        if !methods.is_empty() {
            text.push_str("\nHow:\n\n");
        }
        for (names, method) in methods {
            let names = match names.as_slice() {
                [first, _, .., last] => format!("{first} … {last}"),
                names => names.join("; "),
            };
            text.push_str(&format!("- {names}: {method}\n"));
        }
        text
    }

    /// Each way of measuring once, with the figures that came from it.
    fn methods(&self) -> Vec<(Vec<&str>, &str)> {
        let mut methods: Vec<(Vec<&str>, &str)> = Vec::new();
        for figure in self.figures.iter().filter(|figure| !figure.method.is_empty()) {
            match methods.iter_mut().find(|(_, method)| *method == figure.method) {
                Some((names, _)) => names.push(&figure.name),
                None => methods.push((vec![&figure.name], &figure.method)),
            }
        }
        methods
    }

    fn to_json(&self) -> Value {
        let figures: Value = self.figures.iter().map(Figure::to_json).collect();
        let Origin { date, machine, revision } = &self.origin;
        json::value!({
            "name": (&self.name), "title": (&self.title), "date": date, "machine": machine, "revision": revision,
            "figures": figures
        })
    }

    fn from_json(value: &Value) -> Option<Group> {
        let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
        let figures = value.get("figures")?.as_array()?.iter().map(Figure::from_json);
        Some(Group {
            name: text("name")?,
            title: text("title")?,
            origin: Origin { date: text("date")?, machine: text("machine")?, revision: text("revision")? },
            figures: figures.collect::<Option<_>>()?,
        })
    }
}

impl Origin {
    /// Now, and here.
    pub fn here() -> Origin {
        let output = |program: &str, args: &[&str]| {
            let output = Command::new(program).args(args).current_dir(crate::shell::root()).output().ok()?;
            let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
            (output.status.success() && !text.is_empty()).then_some(text)
        };
        let unknown = || "unknown".to_owned();
        Origin {
            date: output("date", &["-u", "+%Y-%m-%d %H:%M UTC"]).unwrap_or_else(unknown),
            machine: machine(),
            revision: output("git", &["describe", "--always", "--dirty"]).unwrap_or_else(unknown),
        }
    }
}

/// A bar or a line break would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unnamed processor", |(_, name)| name);
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().split(' ').next());
    let gibibytes = kilobytes.and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0 / 1024.0;
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{cores} cores of {model}, {gibibytes:.0} GiB, Linux {}", kernel.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str, date: &str) -> Group {
        Group {
            name: name.to_owned(),
            title: name.to_uppercase(),
            origin: Origin { date: date.to_owned(), machine: "M".to_owned(), revision: "r".to_owned() },
            figures: vec![
                Figure::new("a", 12.0, "ms", "So.").at_most(10.0),
                Figure::new("b", 3.0, "ms", "So.").at_most(10.0).beside("x|y"),
                Figure::not_available("c", "404"),
            ],
        }
    }

    #[test]
    fn groups_are_kept_replaced_and_ordered() {
        let mut report = Report { groups: vec![group("three", "1"), group("gone", "1"), group("two", "1")] };
        report.put(group("two", "2"), &["one", "two", "three"]);
        report.put(group("one", "2"), &["one", "two", "three"]);
        let kept: Vec<_> = report.groups.iter().map(|group| (&*group.name, &*group.origin.date)).collect();
        assert_eq!(kept, [("one", "2"), ("two", "2"), ("three", "1")]);
    }

    #[test]
    fn a_group_outlives_its_file() {
        let read = Value::parse(&group("one", "1").to_json().to_text()).unwrap();
        assert_eq!(Group::from_json(&read), Some(group("one", "1")));
    }

    #[test]
    fn the_report_says_what_is_met_how_it_was_measured_and_what_is_older() {
        let text = Report { groups: vec![group("new", "2"), group("old", "1")] }.to_markdown();
        for line in [
            "2 of 4 targets are met.",
            "| a | 12 ms | ≤ 10 | **no** |  |",
            "| b | 3 ms | ≤ 10 | yes | x\\|y |",
            "| c | not available: 404 |  |  |  |",
            "- a; b: So.",
            "Measured 1, revision r.",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }
}
