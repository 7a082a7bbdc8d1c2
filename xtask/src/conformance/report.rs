//! Pass rates by area, and what failed.

use std::collections::BTreeMap;
use std::path::Path;

use json::Value;

use super::Selection;

/// How a case ended.
pub struct CaseResult {
    /// Its id.
    pub id: String,
    /// Its area.
    pub area: String,
    /// Levels 1 to 3.
    pub passed: [bool; 3],
    /// The first difference at the first level that failed, or why the case broke off.
    pub difference: String,
}

/// Reads what the runner wrote.
pub fn read(file: &Path) -> anyhow::Result<Vec<CaseResult>> {
    let value = super::read_json(file)?;
    let results = value.as_array().ok_or_else(|| anyhow::anyhow!("{} is no array", file.display()))?;
    Ok(results.iter().map(CaseResult::from_json).collect())
}

impl CaseResult {
    fn from_json(value: &Value) -> CaseResult {
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let passed = ["l1", "l2", "l3"].map(|level| value.get(level).and_then(Value::as_bool) == Some(true));
        let level = passed.iter().position(|passed| !passed).map_or(3, |level| level + 1);
        let difference = value.get("diffs").and_then(|diffs| diffs.get(&level.to_string()));
        let difference = difference.and_then(|all| all.at(0)).map(Value::to_text);
        CaseResult {
            id: text("id"),
            area: text("area"),
            passed,
            difference: difference.unwrap_or_else(|| text("fatal")),
        }
    }
}

/// Prints everything; returns what counts.
pub fn print<'a>(results: &'a [CaseResult], selection: &Selection) -> Vec<&'a CaseResult> {
    let selected = super::selected(results, selection);
    table("all cases", &results.iter().collect::<Vec<_>>());
    let mut beyond: BTreeMap<&str, usize> = BTreeMap::new();
    for result in results {
        if let Some(Some(feature)) = selection.get(&result.id) {
            *beyond.entry(feature).or_default() += 1;
        }
    }
    println!("\nnot counted, by what they need first:");
    beyond.iter().for_each(|(feature, cases)| println!("  {cases:>4}  {feature}"));
    println!();
    table("cases that count", &selected);
    for level in 0..3 {
        // A case that fails at a lower level is listed there.
        let failed: Vec<_> = selected
            .iter()
            .filter(|result| !result.passed[level] && result.passed[..level].iter().all(|passed| *passed))
            .collect();
        if !failed.is_empty() {
            println!("\nfailed first at level {}:", level + 1);
        }
        for result in failed {
            println!("  {}", result.id);
            let shown: String = result.difference.chars().take(300).collect();
            println!("      {}", shown.replace('\n', " "));
        }
    }
    println!();
    for level in 0..3 {
        let passed = selected.iter().filter(|result| result.passed[level]).count();
        println!(
            "conformance L{}: {passed} passed, {} failed ({})",
            level + 1,
            selected.len() - passed,
            percent(passed, selected.len())
        );
    }
    selected
}

fn table(title: &str, results: &[&CaseResult]) {
    let mut areas: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for result in results {
        for key in [result.area.as_str(), "~"] {
            let row = areas.entry(key).or_default();
            row[0] += 1;
            for (level, passed) in result.passed.iter().enumerate() {
                row[level + 1] += usize::from(*passed);
            }
        }
    }
    println!("{title:<20}{:>6}{:>14}{:>14}{:>14}", "cases", "L1", "L2", "L3");
    for (area, [cases, l1, l2, l3]) in areas {
        let area = if area == "~" { "total" } else { area };
        let cell = |passed| format!("{passed} {}", percent(passed, cases));
        println!("{area:<20}{cases:>6}{:>14}{:>14}{:>14}", cell(l1), cell(l2), cell(l3));
    }
}

fn percent(part: usize, whole: usize) -> String {
    format!("{:.1} %", 100.0 * part as f64 / whole.max(1) as f64)
}
