//! AppSync's APIs of a project: a folder with `appsync.toml`, schema and handlers, or a CloudFormation template.
//!
//! Both are read into what an API shall be (`wanted`), which is compared with what it is (`plan`, pure) and made so by
//! AppSync's own operations (`follow`). Never here: what AppSync does with it.

mod addresses;
mod checks;
mod file;
mod folder;
mod follow;
mod plan;
mod shared;
mod template;
mod wanted;

use std::path::{Path, PathBuf};

use aws_names::Scope;

pub use addresses::addresses;
pub use follow::{Caller, follow};
pub use wanted::{Api, Wanted};

use crate::settings::Loaded;
use crate::settings::resources::AppSyncApi;

/// The description of an API in its folder.
pub const FILE_NAME: &str = "appsync.toml";

/// What `[appsync.NAME]` describes. `Err`: all that is wrong with its files, a line each.
pub fn read(name: &str, api: &AppSyncApi, loaded: &Loaded, scope: &Scope) -> Result<Wanted, String> {
    match (&api.folder, &api.template) {
        (Some(folder), None) => {
            let folder = in_project(loaded, folder);
            Ok(Wanted { apis: vec![folder::read(name, &folder, scope)?], ..Wanted::default() })
        }
        (None, Some(file)) => template::read(&in_project(loaded, file), &api.parameters, scope),
        _ => Err("name one of folder and template".to_owned()),
    }
}

/// Where the files of an API lie: the folder, or that of the template.
pub fn folder_of(api: &AppSyncApi, loaded: &Loaded) -> Option<PathBuf> {
    match (&api.folder, &api.template) {
        (Some(folder), _) => Some(in_project(loaded, folder)),
        (None, Some(file)) => in_project(loaded, file).parent().map(Path::to_path_buf),
        (None, None) => None,
    }
}

/// In the current folder, as people write it: without the dot.
fn in_project(loaded: &Loaded, path: &Path) -> PathBuf {
    let path = loaded.folder.join(path);
    path.strip_prefix(".").map_or(path.clone(), Path::to_path_buf)
}
