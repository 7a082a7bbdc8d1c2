//! Objects of S3 that a template refers to, found in the folder of its assets: `cdk.out`.
//!
//! Each `*.assets.json` there says which file becomes which object.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use json::{Object, Value};

/// The files of a folder, by the keys that they get in S3.
#[derive(Debug)]
pub struct Assets {
    folder: PathBuf,
    by_key: BTreeMap<String, PathBuf>,
}

impl Assets {
    /// Reads the manifests of a folder. One that cannot be read has no files; what needs them says so.
    pub fn of(folder: &Path) -> Assets {
        let mut by_key = BTreeMap::new();
        for manifest in manifests(folder) {
            let files = manifest.get("files").and_then(Value::as_object);
            for (_, file) in files.into_iter().flat_map(Object::iter) {
                let path = file.get("source").and_then(|source| source.get("path")).and_then(Value::as_str);
                let keys = file.get("destinations").and_then(Value::as_object);
                let keys = keys.into_iter().flat_map(Object::values);
                for key in keys.filter_map(|destination| destination.get("objectKey").and_then(Value::as_str))
                {
                    if let Some(path) = path.filter(|path| stays_below(path)) {
                        by_key.insert(key.to_owned(), folder.join(path));
                    }
                }
            }
        }
        Assets { folder: folder.to_path_buf(), by_key }
    }

    /// The file behind `s3://BUCKET/KEY` or `https://s3.REGION.amazonaws.com/BUCKET/KEY`.
    pub fn file(&self, location: &str) -> Result<PathBuf, String> {
        let key = location.rsplit('/').next().unwrap_or_default();
        if let Some(path) = self.by_key.get(key) {
            return Ok(path.clone());
        }
        // Templates that were made without manifests lie beside what they refer to.
        let beside = [format!("asset.{key}"), key.to_owned()];
        let mut beside = beside.iter().map(|name| self.folder.join(name));
        let found = beside.find(|path| !key.is_empty() && path.is_file());
        found.ok_or_else(|| {
            format!(
                "{location} is none of the assets in {}: keep them beside the template",
                self.folder.display()
            )
        })
    }

    /// Its text.
    pub fn text(&self, location: &str) -> Result<String, String> {
        let file = self.file(location)?;
        std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))
    }
}

fn manifests(folder: &Path) -> Vec<Value> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".assets.json"))
        .collect();
    files.sort();
    files.iter().filter_map(|file| Value::parse(&std::fs::read_to_string(file).ok()?).ok()).collect()
}

/// A manifest leads to nothing outside of its folder.
fn stays_below(path: &str) -> bool {
    !Path::new(path).is_absolute() && !path.split(['/', '\\']).any(|part| part == "..")
}
