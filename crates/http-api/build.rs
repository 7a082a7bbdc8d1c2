//! The console's built files, as a table that the program carries. They are made by `cargo xtask console` and
//! committed; nothing is built here but their compressed forms.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::{Compression, GzBuilder};

/// Smaller files are not worth the header.
const ZIPPED_FROM: usize = 512;

fn main() {
    let folder =
        Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../console/dist");
    println!("cargo::rerun-if-changed={}", folder.display());
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    let mut files = Vec::new();
    list(&folder, &mut files);
    files.sort();
    let mut table = String::from("&[\n");
    for (place, file) in files.iter().enumerate() {
        let bytes = fs::read(file).expect("a file of the console can be read");
        let path = file.strip_prefix(&folder).expect("it lies in it").to_string_lossy().into_owned();
        let zipped = match zip(&bytes) {
            Some(zipped) => {
                fs::write(out.join(format!("{place}.gz")), zipped).expect("OUT_DIR can be written");
                format!("Some({})", included(&format!("{place}.gz")))
            }
            None => "None".to_owned(),
        };
        // A copy, so that a console that is built meanwhile is found whole at the next build.
        fs::write(out.join(place.to_string()), &bytes).expect("OUT_DIR can be written");
        let bytes = included(&place.to_string());
        writeln!(table, "File {{ path: {path:?}, bytes: {bytes}, zipped: {zipped} }},")
            .expect("writing to a String");
    }
    table.push(']');
    fs::write(out.join("console_files.rs"), table).expect("OUT_DIR can be written");
}

fn included(name: &str) -> String {
    format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\"))")
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    // Without the folder there is a program without a console, which says so.
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            list(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Without a time in it, so that the same bytes become the same bytes; `None` if that saves nothing.
fn zip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut writer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    writer.write_all(bytes).expect("writing to a Vec");
    let zipped = writer.finish().expect("writing to a Vec");
    (bytes.len() >= ZIPPED_FROM && zipped.len() < bytes.len()).then_some(zipped)
}
