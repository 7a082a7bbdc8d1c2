//! What a machine may lack, and what is left out then. Nothing is left out silently.

use crate::shell;

/// The shared folder of specifications and recorded cases, beside the workspace.
pub const SHARED: &str = "../shared";

/// One line for each thing that is not here.
pub fn left_out() -> Vec<String> {
    let mut lines = Vec::new();
    if !std::path::Path::new(SHARED).join("conformance").is_dir() {
        lines.push(format!("no {SHARED}/conformance: the recorded cases and data files were not compared"));
    }
    if !shell::exists("python3") {
        lines.push("no python3: tests that run Python functions were skipped".to_owned());
    }
    if !shell::exists("node") {
        lines.push("no node: tests that run Node functions were skipped".to_owned());
    }
    if !shell::exists("initdb") && !std::path::Path::new("/usr/lib/postgresql").is_dir() {
        lines.push("no PostgreSQL (Debian: postgresql): tests over it were skipped".to_owned());
    }
    if !shell::exists("mariadbd") {
        lines.push("no MariaDB (Debian: mariadb-server): tests over it were skipped".to_owned());
    }
    lines
}
