//! A folder to develop in: its settings, its definitions, the files that functions are made of.
//!
//! Never here: creating machines, starting functions.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;

use crate::appsync_project;
use crate::definition::{self, DefinitionFile};
use crate::settings::{self, Loaded};

/// Folders below the project folder that are looked into.
const DEPTH_MAX: usize = 4;
/// More files than this are not a project but somebody's home folder.
const FILES_MAX: usize = 10_000;

/// When a file was written last, and its length: enough to see that it changed.
pub type Stamp = (SystemTime, u64);

/// All definition files of the folder, by machine name.
pub fn definition_files(loaded: &Loaded) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let mut by_name: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in files_below(&loaded.folder, loaded)? {
        // In the current folder, as people write it: without the dot.
        let path = path.strip_prefix(".").map_or(path.clone(), Path::to_path_buf);
        let is_definition = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| definition::SUFFIXES.iter().any(|suffix| name.ends_with(suffix)));
        if !is_definition {
            continue;
        }
        let name = definition::machine_name(&path);
        if let Some(other) = by_name.get(&name) {
            anyhow::bail!(
                "{} and {} would both be the state machine \"{name}\": rename one of them",
                other.display(),
                path.display()
            );
        }
        by_name.insert(name, path);
    }
    Ok(by_name)
}

/// The one definition that `stepwell run FOLDER` is about: `main` of the settings, or the only one.
pub fn main_definition(loaded: &Loaded) -> anyhow::Result<PathBuf> {
    let mut files = definition_files(loaded)?;
    if let Some(main) = &loaded.settings.main {
        return files.remove(main).with_context(|| {
            format!(
                "stepwell.toml says main = \"{main}\", but {} has no {main}.asl.json or {main}.asl.yaml",
                loaded.folder.display()
            )
        });
    }
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    match names.len() {
        0 => anyhow::bail!("{} holds no *.asl.json or *.asl.yaml", loaded.folder.display()),
        1 => Ok(files.into_values().next().expect("there is one")),
        _ => anyhow::bail!(
            "{} holds several state machines ({}): name one file, or write main = \"{}\" into stepwell.toml",
            loaded.folder.display(),
            names.join(", "),
            names[0]
        ),
    }
}

/// Reads the settings and the definition that a path means: a file, or a project folder.
pub fn open(path: &Path) -> anyhow::Result<(Loaded, Result<DefinitionFile, Box<definition::Finding>>)> {
    anyhow::ensure!(path.exists(), "there is no {}", path.display());
    if path.is_dir() {
        let loaded = settings::load_folder(path)?;
        let file = main_definition(&loaded)?;
        return Ok((loaded, DefinitionFile::read(&file)?));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Ok((settings::load_folder(folder)?, DefinitionFile::read(path)?))
}

/// The files that matter to a project and when they changed last: settings, definitions, mocks, and
/// everything in the folders of its functions and of its APIs.
pub fn stamps(loaded: &Loaded) -> anyhow::Result<BTreeMap<PathBuf, Stamp>> {
    let mut paths = vec![loaded.folder.join(settings::FILE_NAME)];
    paths.extend(definition_files(loaded)?.into_values());
    paths.extend(loaded.settings.rest.values().map(|rest| loaded.folder.join(&rest.openapi)));
    for api in loaded.settings.appsync.values() {
        match appsync_project::folder_of(api, loaded).filter(|folder| folder.is_dir()) {
            // What lies below assets are the files of functions and sites, which may be many and are not the API's.
            Some(folder) if api.template.is_some() => paths.extend(files_in(&folder)),
            Some(folder) => paths.extend(files_below(&folder, loaded)?),
            None => {}
        }
    }
    paths.extend(loaded.mock_file.iter().map(|file| file.path().to_path_buf()));
    for function in loaded.settings.functions.values() {
        let folder = function_folder(loaded, function);
        if folder.is_dir() {
            paths.extend(files_below(&folder, loaded)?);
        }
    }
    let mut stamps = BTreeMap::new();
    for path in paths {
        if let Ok(metadata) = std::fs::metadata(&path) {
            stamps.insert(path, (metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), metadata.len()));
        }
    }
    Ok(stamps)
}

/// Where a function's code lies.
pub fn function_folder(loaded: &Loaded, function: &settings::Function) -> PathBuf {
    match &function.folder {
        Some(folder) => loaded.folder.join(folder),
        None => loaded.folder.clone(),
    }
}

/// Files that lie in a folder itself.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(FILES_MAX);
    entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}

/// Files below a folder, without hidden folders and what package managers and builds leave behind.
fn files_below(folder: &Path, loaded: &Loaded) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_path_buf(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let path = entry.path();
            if path.is_dir() {
                let skipped = name.starts_with('.')
                    || matches!(&*name, "node_modules" | "__pycache__" | "target" | "venv")
                    || loaded.data_folder.as_deref() == Some(path.as_path());
                if !skipped && depth < DEPTH_MAX {
                    folders.push((path, depth + 1));
                }
            } else {
                found.push(path);
            }
            anyhow::ensure!(
                found.len() <= FILES_MAX,
                "{} holds more than {FILES_MAX} files: give the folder of a project",
                folder.display()
            );
        }
    }
    found.sort();
    Ok(found)
}
