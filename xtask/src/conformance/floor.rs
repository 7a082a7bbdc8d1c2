//! The floor: how many cases pass at least. It only rises.

use anyhow::Context;
use serde::Deserialize;

use super::report::CaseResult;

const FILE: &str = "conformance-floor.toml";

/// Cases that count and pass, by level.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    level_1: usize,
    level_2: usize,
    level_3: usize,
}

impl Floor {
    /// What a run reached.
    pub fn reached(selected: &[&CaseResult]) -> Floor {
        let [level_1, level_2, level_3] =
            [0, 1, 2].map(|level| selected.iter().filter(|result| result.passed[level]).count());
        Floor { level_1, level_2, level_3 }
    }

    /// The floor of the repository.
    pub fn load() -> anyhow::Result<Floor> {
        let text = std::fs::read_to_string(FILE).with_context(|| format!("cannot read {FILE}"))?;
        toml::from_str(&text).with_context(|| format!("{FILE} is not usable"))
    }

    /// Each level at the higher of both.
    pub fn raised(&self, reached: &Floor) -> Floor {
        Floor {
            level_1: self.level_1.max(reached.level_1),
            level_2: self.level_2.max(reached.level_2),
            level_3: self.level_3.max(reached.level_3),
        }
    }

    /// Writes it.
    pub fn save(&self) -> anyhow::Result<()> {
        let Floor { level_1, level_2, level_3 } = self;
        let text = format!(
            "# Recorded cases that pass at least. `cargo xtask conformance --update-floor` raises it; it never sinks.\n\
             level_1 = {level_1}\nlevel_2 = {level_2}\nlevel_3 = {level_3}\n"
        );
        std::fs::write(FILE, text).with_context(|| format!("cannot write {FILE}"))
    }

    /// Fails when fewer pass than the floor says.
    pub fn compare(&self, reached: &Floor) -> anyhow::Result<()> {
        let levels = [
            (1, self.level_1, reached.level_1),
            (2, self.level_2, reached.level_2),
            (3, self.level_3, reached.level_3),
        ];
        for (level, floor, reached) in levels {
            println!("floor of level {level}: {floor}, reached: {reached}");
        }
        let fallen = levels.iter().any(|(_, floor, reached)| reached < floor);
        anyhow::ensure!(!fallen, "fewer recorded cases pass than before");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_only_rises() {
        let floor = Floor { level_1: 5, level_2: 4, level_3: 3 };
        let reached = Floor { level_1: 6, level_2: 3, level_3: 3 };
        assert_eq!(floor.raised(&reached), Floor { level_1: 6, level_2: 4, level_3: 3 });
        assert!(floor.compare(&reached).is_err());
        assert!(floor.compare(&floor.raised(&reached)).is_ok());
    }
}
