//! ZIP archives, as code is uploaded in them: what is in one, in memory.
//!
//! The central directory says what there is; entries are stored or deflated. Never here: files.

use std::io::Read;

use flate2::read::DeflateDecoder;

/// What AWS allows, unpacked.
const BYTES_MAX: usize = 250 << 20;
const FILES_MAX: usize = 20_000;

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    /// Relative, with `/`, and leads nowhere else.
    pub path: String,
    pub is_executable: bool,
    pub bytes: Vec<u8>,
}

const END: &[u8] = b"PK\x05\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";

/// All files of an archive, or what is wrong with it.
pub(super) fn files(archive: &[u8]) -> Result<Vec<File>, String> {
    let broken = || "it is cut off or damaged".to_owned();
    // The record at the end may have a comment behind it of up to 64 KiB.
    let tail = archive.len().saturating_sub(22 + 0xffff);
    let end = archive[tail..].windows(4).rposition(|window| window == END).ok_or("it is no ZIP archive")?;
    let end = archive.get(tail + end..).ok_or_else(broken)?;
    let count = usize::from(u16_at(end, 10).ok_or_else(broken)?);
    let mut at = u32_at(end, 16).ok_or_else(broken)? as usize;
    u16_at(end, 20).ok_or_else(broken)?;
    if count == 0xffff || at == 0xffff_ffff {
        return Err("it is in ZIP64 format: pack it anew without".to_owned());
    }
    if count > FILES_MAX {
        return Err(format!("it has more than {FILES_MAX} entries"));
    }
    let (mut files, mut bytes_left) = (Vec::new(), BYTES_MAX);
    for _ in 0..count {
        let entry = archive.get(at..).filter(|rest| rest.starts_with(ENTRY)).ok_or_else(broken)?;
        let name_length = usize::from(u16_at(entry, 28).ok_or_else(broken)?);
        let name = entry.get(46..46 + name_length).ok_or_else(broken)?;
        let name = std::str::from_utf8(name).map_err(|_| "a file's name is not in UTF-8".to_owned())?;
        let more = u16_at(entry, 30).zip(u16_at(entry, 32)).ok_or_else(broken)?;
        at += 46 + name_length + usize::from(more.0) + usize::from(more.1);
        if name.ends_with('/') {
            continue;
        }
        let path = checked(name)?;
        let bytes = content(archive, entry, bytes_left).map_err(|why| format!("{name}: {why}"))?;
        bytes_left -= bytes.len();
        let is_executable = u32_at(entry, 38).unwrap_or_default() >> 16 & 0o111 != 0;
        files.push(File { path, is_executable, bytes });
    }
    if files.is_empty() {
        return Err("it has no file".to_owned());
    }
    Ok(files)
}

fn content(archive: &[u8], entry: &[u8], bytes_max: usize) -> Result<Vec<u8>, String> {
    let broken = || "it is cut off or damaged".to_owned();
    let (flags, method) = u16_at(entry, 8).zip(u16_at(entry, 10)).ok_or_else(broken)?;
    let (packed, size) = u32_at(entry, 20).zip(u32_at(entry, 24)).ok_or_else(broken)?;
    let sum = u32_at(entry, 16).ok_or_else(broken)?;
    if flags & 1 != 0 {
        return Err("it is encrypted".to_owned());
    }
    if size as usize > bytes_max {
        return Err(format!("unpacked, all files have more than {} MB", BYTES_MAX >> 20));
    }
    let at = u32_at(entry, 42).ok_or_else(broken)? as usize;
    let local = archive.get(at..).filter(|rest| rest.starts_with(LOCAL)).ok_or_else(broken)?;
    let lengths = u16_at(local, 26).zip(u16_at(local, 28)).ok_or_else(broken)?;
    let begin = 30 + usize::from(lengths.0) + usize::from(lengths.1);
    let packed = local.get(begin..begin + packed as usize).ok_or_else(broken)?;
    let mut bytes = Vec::new();
    match method {
        0 => bytes.extend_from_slice(packed),
        // No more than it says, and one to see whether it lies.
        8 => {
            let limit = u64::from(size) + 1;
            DeflateDecoder::new(packed).take(limit).read_to_end(&mut bytes).map_err(|_| broken())?;
        }
        other => {
            return Err(format!(
                "it is packed by method {other}; only deflated and stored files can be read"
            ));
        }
    }
    let mut crc = flate2::Crc::new();
    crc.update(&bytes);
    if bytes.len() != size as usize || crc.sum() != sum { Err(broken()) } else { Ok(bytes) }
}

/// A path that stays in its folder.
fn checked(name: &str) -> Result<String, String> {
    let path = name.replace('\\', "/");
    let is_good = |part: &str| !part.is_empty() && part != ".." && !part.contains(['\0', ':']);
    let parts: Vec<&str> = path.split('/').filter(|part| *part != ".").collect();
    if parts.is_empty() || !parts.iter().all(|part| is_good(part)) {
        return Err(format!("the path {name:?} leads out of the archive"));
    }
    Ok(parts.join("/"))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Makes archives for tests.
#[cfg(test)]
pub(super) fn pack(files: &[(&str, &[u8], u16, u32)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes, method, mode) in files {
        let at = out.len() as u32;
        let packed = match method {
            8 => {
                let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
                std::io::Write::write_all(&mut encoder, bytes).unwrap();
                encoder.finish().unwrap()
            }
            _ => bytes.to_vec(),
        };
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let mut common = vec![20, 0, 0, 0];
        common.extend(method.to_le_bytes());
        common.extend([0; 4]);
        common.extend(crc.sum().to_le_bytes());
        common.extend((packed.len() as u32).to_le_bytes());
        common.extend((bytes.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0; 2]);
        out.extend(LOCAL);
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(packed);
        directory.extend(ENTRY);
        directory.extend([20, 3]);
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend((mode << 16).to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (at, length, count) = (out.len() as u32, directory.len() as u32, files.len() as u16);
    out.extend(directory);
    out.extend(END);
    out.extend([0; 4]);
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend(length.to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0; 2]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let archive = pack(&[
            ("app.py", b"def handler(e, c): return e", 8, 0o644),
            ("bin/", b"", 0, 0o755),
            ("bin/bootstrap", b"#!/bin/sh", 0, 0o755),
        ]);
        let files = files(&archive).unwrap();
        let shown: Vec<_> =
            files.iter().map(|file| (file.path.as_str(), file.is_executable, file.bytes.len())).collect();
        assert_eq!(shown, [("app.py", false, 27), ("bin/bootstrap", true, 9)]);
    }

    #[test]
    fn nothing_leads_out_of_it_and_nothing_panics() {
        for name in ["../a", "/a", "a/../../b", "c:\\a", "a//b"] {
            let refused = files(&pack(&[(name, b"x", 0, 0)])).unwrap_err();
            assert!(refused.contains("leads out of the archive"), "{refused}");
        }
        assert_eq!(files(b"no archive").unwrap_err(), "it is no ZIP archive");
        assert_eq!(files(&pack(&[])).unwrap_err(), "it has no file");
        assert!(files(&pack(&[("a", b"x", 12, 0)])).unwrap_err().contains("method 12"));
        let archive = pack(&[("a.txt", &[7; 1000], 8, 0)]);
        for end in 0..archive.len() {
            assert!(files(&archive[..end]).is_err(), "{end}");
        }
        for place in 0..archive.len() {
            let mut damaged = archive.clone();
            damaged[place] ^= 0xff;
            let _ = files(&damaged);
        }
    }
}
