//! The house's rules that a machine can check. Each failure names the file and the rule.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use json::Value;

/// Which of our crates each crate may use: arrows go down only. (ARCHITECTURE.md has the picture.)
const ARROWS: [(&str, &[&str]); 31] = [
    ("json", &[]),
    ("aws-names", &["json"]),
    ("aws-models", &["json"]),
    ("items", &["json"]),
    ("events", &["json"]),
    ("sigv4", &[]),
    ("aws-protocols", &["aws-models", "json", "sigv4"]),
    ("jsonata", &["json"]),
    ("appsync-util", &["json"]),
    ("vtl", &["appsync-util", "json"]),
    ("appsync-js", &["appsync-util", "json"]),
    ("graphql", &["json"]),
    ("integrations", &["aws-models", "aws-names", "aws-protocols", "json"]),
    ("asl", &["aws-names", "integrations", "json", "jsonata"]),
    ("execution", &["asl", "aws-names", "integrations", "items", "json", "jsonata"]),
    ("graph", &["execution", "json"]),
    ("connections", &["aws-names", "json"]),
    ("store", &["execution", "asl", "aws-names", "json"]),
    (
        "connectors",
        &[
            "connections",
            "execution",
            "asl",
            "integrations",
            "aws-protocols",
            "aws-models",
            "aws-names",
            "items",
            "json",
            "sigv4",
        ],
    ),
    ("ledger", &["store"]),
    ("tokens", &["aws-models", "json"]),
    (
        "services",
        &[
            "connectors",
            "connections",
            "ledger",
            "events",
            "aws-protocols",
            "aws-models",
            "aws-names",
            "json",
        ],
    ),
    ("tables", &["services", "connectors", "aws-protocols", "aws-models", "json"]),
    ("relational", &["services", "connectors", "aws-protocols", "json"]),
    (
        "gateway",
        &[
            "services",
            "ledger",
            "connectors",
            "tokens",
            "vtl",
            "asl",
            "jsonata",
            "aws-models",
            "aws-names",
            "json",
        ],
    ),
    (
        "appsync",
        &[
            "services",
            "ledger",
            "connectors",
            "graphql",
            "appsync-js",
            "tokens",
            "vtl",
            "sigv4",
            "aws-protocols",
            "aws-models",
            "aws-names",
            "json",
        ],
    ),
    ("engine", &["store", "connectors", "execution", "items", "asl", "aws-names", "json"]),
    (
        "http-api",
        &[
            "engine",
            "appsync",
            "gateway",
            "services",
            "aws-protocols",
            "store",
            "connections",
            "connectors",
            "execution",
            "graph",
            "asl",
            "integrations",
            "aws-models",
            "aws-names",
            "json",
            "sigv4",
        ],
    ),
    (
        "server",
        &[
            "http-api",
            "engine",
            "appsync",
            "appsync-js",
            "graphql",
            "vtl",
            "gateway",
            "services",
            "tables",
            "relational",
            "ledger",
            "store",
            "connections",
            "connectors",
            "execution",
            "graph",
            "asl",
            "aws-protocols",
            "aws-names",
            "json",
            "sigv4",
        ],
    ),
    ("simulation", &["engine", "store", "connectors", "execution", "asl", "aws-names", "json", "jsonata"]),
    ("xtask", &["json"]),
];

/// Crates without clock, I/O, async and randomness, and all that they may use from outside.
const PURE: [(&str, &[&str]); 16] = [
    ("json", &["smol_str"]),
    ("aws-names", &[]),
    ("aws-models", &["ruzstd"]),
    ("items", &["flate2", "ruzstd"]),
    ("events", &[]),
    ("sigv4", &["hmac", "sha2"]),
    ("aws-protocols", &["crc32c", "regex", "sha1", "sha2"]),
    ("integrations", &[]),
    ("jsonata", &["md-5", "regex", "sha1", "sha2"]),
    ("appsync-util", &["unicode-normalization"]),
    ("vtl", &["regex"]),
    ("appsync-js", &["regex", "rquickjs"]),
    ("graphql", &[]),
    ("asl", &["md-5", "regex", "sha1", "sha2"]),
    ("execution", &[]),
    ("graph", &[]),
];

/// A longer file hides two ideas.
const LINES_MAX: usize = 700;

#[test]
fn crates_use_only_what_lies_below_them() {
    let allowed: BTreeMap<_, _> = ARROWS.into_iter().collect();
    let mut wrong = Vec::new();
    let crates = crates();
    for (name, member) in &crates {
        let Some(allowed) = allowed.get(name.as_str()) else {
            wrong.push(format!("{name} has no row in ARROWS: say what it may use"));
            continue;
        };
        for dependency in &member.dependencies {
            if crates.contains_key(dependency) && !allowed.contains(&dependency.as_str()) {
                wrong.push(format!("{name} uses {dependency}, which does not lie below it"));
            }
        }
    }
    assert_nothing(wrong);
}

#[test]
fn pure_crates_use_nothing_that_could_act() {
    let crates = crates();
    let mut wrong = Vec::new();
    for (name, allowed) in PURE {
        let member = &crates[name];
        for dependency in &member.dependencies {
            if !crates.contains_key(dependency) && !allowed.contains(&dependency.as_str()) {
                wrong.push(format!("{name} is pure and uses {dependency}, which PURE does not name"));
            }
        }
        if !member.folder.join("clippy.toml").is_file() {
            wrong.push(format!("{name} is pure and has no clippy.toml"));
        }
    }
    assert_nothing(wrong);
}

#[test]
fn every_crate_says_what_it_is_for() {
    let mut wrong = Vec::new();
    for (name, member) in crates() {
        let roots = ["src/lib.rs", "src/main.rs"].map(|file| member.folder.join(file));
        let root = roots.iter().find(|file| file.is_file()).expect("a crate has a root");
        let text = std::fs::read_to_string(root).unwrap();
        let header = text.lines().take_while(|line| line.starts_with("//!")).count();
        if header < 2 {
            wrong.push(format!("{name}: {} begins with no //! of at least two lines", root.display()));
        }
    }
    assert_nothing(wrong);
}

#[test]
fn files_are_tidy() {
    // Written in pieces, so that this file does not find itself.
    let machine_paths =
        ["/wo rk/", "/tm p/bash", "/ro ot/", "/ho me/", "/Us ers/"].map(|path| path.replace(' ', ""));
    let unfinished =
        ["to do!(", "unimple mented!(", "#[ig nore", "FI XME", "X XX"].map(|word| word.replace(' ', ""));
    let mut wrong = Vec::new();
    for file in source_files() {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let name = file.strip_prefix(root()).unwrap().display().to_string();
        let is_rust = file.extension().is_some_and(|ending| ending == "rs");
        if is_rust && text.lines().count() > LINES_MAX {
            wrong.push(format!("{name} has {} lines; {LINES_MAX} are enough", text.lines().count()));
        }
        // Tests of a module that lie beside it need no words about what they are for.
        if is_rust && !name.ends_with("tests.rs") && !text.starts_with("//!") {
            wrong.push(format!("{name} does not begin with //!: what it is for, what never happens in it"));
        }
        for (number, line) in text.lines().enumerate() {
            let place = format!("{name}:{}", number + 1);
            if let Some(path) = machine_paths.iter().find(|path| line.contains(*path)) {
                wrong.push(format!("{place}: {path} is a path of somebody's machine"));
            }
            if is_rust && let Some(word) = unfinished.iter().find(|word| line.contains(*word)) {
                wrong.push(format!("{place}: {word} is not done"));
            }
            if speaks_of_its_making(line) {
                wrong.push(format!("{place}: speaks of how it was made; the commit is the place for that"));
            }
            if line.ends_with(' ') && is_rust {
                wrong.push(format!("{place}: ends with a space"));
            }
        }
    }
    assert_nothing(wrong);
}

/// Of what documents name in backticks, that which looks like a file or a folder of ours is one.
#[test]
fn documents_name_files_that_exist() {
    let mut wrong = Vec::new();
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"] {
        let text = std::fs::read_to_string(root().join(document)).unwrap();
        for (number, line) in text.lines().enumerate() {
            for name in line.split('`').skip(1).step_by(2).filter(|name| is_ours(name)) {
                // Within a sentence on one crate, its name is enough.
                let exists =
                    [root().join(name), root().join("crates").join(name)].iter().any(|path| path.exists());
                if !exists {
                    wrong.push(format!("{document}:{}: there is no {name}", number + 1));
                }
            }
        }
    }
    assert_nothing(wrong);
}

fn is_ours(name: &str) -> bool {
    let folders = ["crates/", "docs/", "xtask/", "examples/"];
    folders.iter().any(|folder| name.starts_with(folder))
        || name.contains("/src/")
        || name.contains("/tests/")
}

#[test]
fn the_index_of_decisions_is_complete() {
    let folder = root().join("docs/decisions");
    let index = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") && name != "README.md" && !index.contains(&format!("]({name})")) {
            wrong.push(format!("docs/decisions/README.md does not name {name}"));
        }
    }
    assert_nothing(wrong);
}

/// Tokens of temporary credentials and some more are named by AWS; every other use tells of a working day.
fn speaks_of_its_making(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let word = "sess ion".replace(' ', "");
    line.contains(&word)
        // AWS's words, and Chromium's.
        && !["token", "role", "graphql", "sso", "login", "botocore", "cdp"].iter().any(|known| line.contains(known))
}

struct Member {
    folder: PathBuf,
    /// Normal and build dependencies; tests may use what they like.
    dependencies: BTreeSet<String>,
}

fn crates() -> BTreeMap<String, Member> {
    let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata = Value::parse_bytes(&output.stdout).expect("cargo metadata is JSON");
    let packages = metadata.get("packages").and_then(Value::as_array).expect("it has packages");
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let member = |package: &Value| {
        let manifest = PathBuf::from(text(package, "manifest_path").unwrap());
        let dependencies = package.get("dependencies").and_then(Value::as_array).unwrap();
        let dependencies = dependencies
            .iter()
            .filter(|dependency| text(dependency, "kind").as_deref() != Some("dev"))
            .map(|dependency| text(dependency, "name").unwrap());
        let folder = manifest.parent().unwrap().to_path_buf();
        (text(package, "name").unwrap(), Member { folder, dependencies: dependencies.collect() })
    };
    packages.iter().map(member).collect()
}

/// What is under version control by its nature: code, documents, configuration.
fn source_files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(
                    &*name,
                    "target" | ".git" | "node_modules" | ".venv" | ".stepwell" | "__pycache__"
                ) {
                    folders.push(path);
                }
            } else if ["rs", "toml", "md", "py", "mjs", "js", "json", "yaml", "yml", "ts", "svelte"]
                .iter()
                .any(|ending| name.ends_with(&format!(".{ending}")))
                || folder.ends_with(".ci")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn assert_nothing(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
