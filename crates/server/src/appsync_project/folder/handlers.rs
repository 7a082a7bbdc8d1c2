//! Files of handlers, by what they handle: `Query.post.js`, `Query.post/request.vtl` with `response.vtl`, or
//! `Query.post.req.vtl` with `Query.post.res.vtl`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::checks;

/// An API has no more resolvers and functions. A larger folder holds something else.
const FILES_MAX: usize = 10_000;

/// What a folder holds, by name.
#[derive(Default)]
pub struct All {
    by_name: BTreeMap<String, Handlers>,
    /// What is wrong, a line each.
    pub problems: Vec<String>,
}

/// The handlers of one name.
#[derive(Clone, Default)]
pub struct Handlers {
    /// What there is.
    pub found: Found,
    /// The file or folder.
    pub origin: Option<String>,
}

/// What handles something.
#[derive(Clone, Default)]
pub enum Found {
    /// Nothing.
    #[default]
    None,
    /// APPSYNC_JS.
    Code(String),
    /// VTL.
    Templates {
        /// `request.vtl`
        request: String,
        /// `response.vtl`
        response: String,
    },
}

/// Where the texts of one name lie.
#[derive(Default)]
struct Places {
    code: Option<PathBuf>,
    request: Option<PathBuf>,
    response: Option<PathBuf>,
}

impl All {
    /// Those of a name, which are not there any more then.
    pub fn take(&mut self, name: &str) -> Handlers {
        self.by_name.remove(name).unwrap_or_default()
    }

    /// What nobody took: a slip, which would otherwise do nothing in silence.
    pub fn unused(self, section: &str, file: &str) -> impl Iterator<Item = String> {
        let told = move |(name, handlers): (String, Handlers)| {
            let origin = handlers.origin.unwrap_or_default();
            format!("{origin}: [{section}] of {file} has no \"{name}\": write it there, or delete this")
        };
        self.by_name.into_iter().map(told)
    }
}

/// All handlers in a folder, which need not be there.
pub fn find(folder: &Path) -> All {
    let mut all = All::default();
    for (name, places) in places(folder, &mut all.problems) {
        let handlers = read(&name, places, folder, &mut all.problems);
        all.by_name.insert(name, handlers);
    }
    all
}

fn places(folder: &Path, problems: &mut Vec<String>) -> BTreeMap<String, Places> {
    let mut by_name: BTreeMap<String, Places> = BTreeMap::new();
    for path in entries(folder, problems) {
        let Some(file) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
        if path.is_dir() {
            let (request, response) = (path.join("request.vtl"), path.join("response.vtl"));
            if request.is_file() || response.is_file() {
                let places = by_name.entry(file).or_default();
                (places.request, places.response) = (Some(request), Some(response));
            }
        } else if let Some(name) = file.strip_suffix(".req.vtl") {
            by_name.entry(name.to_owned()).or_default().request = Some(path);
        } else if let Some(name) = file.strip_suffix(".res.vtl") {
            by_name.entry(name.to_owned()).or_default().response = Some(path);
        } else if let Some(name) = file.strip_suffix(".js") {
            by_name.entry(name.to_owned()).or_default().code = Some(path);
        } else if file.ends_with(".ts") && !file.ends_with(".d.ts") {
            let problem = "AppSync runs JavaScript: make a .js file of it, as esbuild --bundle does";
            problems.push(format!("{}: {problem}", path.display()));
        }
    }
    by_name
}

fn entries(folder: &Path, problems: &mut Vec<String>) -> Vec<PathBuf> {
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            problems.push(format!("{}: {error}", folder.display()));
            return Vec::new();
        }
    };
    let mut paths: Vec<PathBuf> =
        listed.take(FILES_MAX).filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
}

fn read(name: &str, places: Places, folder: &Path, problems: &mut Vec<String>) -> Handlers {
    let mut text = |path: &Path, check: fn(&str) -> checks::Problems| match std::fs::read_to_string(path) {
        Ok(text) => {
            problems.extend(check(&text).into_iter().map(|problem| format!("{}:{problem}", path.display())));
            text
        }
        Err(error) => {
            problems.push(format!("{}: {error}", path.display()));
            String::new()
        }
    };
    let (found, origin) = match places {
        Places { code: Some(code), request: None, response: None } => {
            (Found::Code(text(&code, checks::code)), code)
        }
        Places { code: None, request: Some(request), response: Some(response) } => {
            let found = Found::Templates {
                request: text(&request, checks::template),
                response: text(&response, checks::template),
            };
            (found, request)
        }
        Places { code: Some(code), .. } => {
            problems.push(format!("{}: {name} has templates, too: keep one of both", code.display()));
            (Found::None, code)
        }
        Places { code: None, .. } => {
            let place = folder.join(name);
            problems.push(format!(
                "{}: a template is missing: there are two, request and response",
                place.display()
            ));
            (Found::None, place)
        }
    };
    Handlers { found, origin: Some(origin.display().to_string()) }
}
