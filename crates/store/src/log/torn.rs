//! What the disk does with a log whose files were cut, changed, or opened by someone else.

use std::fs;
use std::path::PathBuf;

use expect_test::expect;

use super::{Disk, Log};
use crate::store::Error;
use crate::testing::Folder;

#[test]
fn a_log_goes_on_where_it_ended() {
    let folder = Folder::new();
    let mut epochs = Vec::new();
    for round in 0..10_u64 {
        let disk = open(&folder).unwrap();
        epochs.push(disk.acquire().unwrap());
        for seq in round * 5 + 1..=round * 5 + 5 {
            disk.append(*epochs.last().unwrap(), seq, &body(seq)).unwrap();
        }
        assert_eq!(read(&disk), (1..=round * 5 + 5).map(body).collect::<Vec<_>>());
    }
    assert!(epochs.is_sorted_by(|earlier, later| earlier < later));
}

#[test]
fn a_file_cut_anywhere_loses_only_the_frames_that_are_cut() {
    let folder = Folder::new();
    let ends = write_frames(&folder, 6);
    let whole = fs::read(segment(&folder)).unwrap();
    for cut in ends[2]..=ends[5] {
        let mut bytes = whole.clone();
        bytes[cut..].fill(0);
        fs::write(segment(&folder), &bytes).unwrap();
        let kept = ends.iter().filter(|&&end| end <= cut).count() as u64;
        let disk = open(&folder).unwrap();
        // A cut that only took zeros away has taken nothing away.
        let read_back = read(&disk);
        assert!(read_back.len() as u64 == kept || bytes == whole, "cut at {cut}");
        assert_eq!(read_back, (1..=read_back.len() as u64).map(body).collect::<Vec<_>>(), "cut at {cut}");
        // It goes on from there, with nothing left of what was torn.
        let epoch = disk.acquire().unwrap();
        let next = disk.next_seq();
        disk.append(epoch, next, b"more").unwrap();
        drop(disk);
        assert_eq!(read(&open(&folder).unwrap()).last().unwrap(), b"more");
    }
}

#[test]
fn a_shortened_file_loses_only_the_frames_that_are_cut() {
    let folder = Folder::new();
    let ends = write_frames(&folder, 6);
    let whole = fs::read(segment(&folder)).unwrap();
    for cut in ends[3]..=ends[5] {
        fs::write(segment(&folder), &whole[..cut]).unwrap();
        let kept = ends.iter().filter(|&&end| end <= cut).count() as u64;
        assert_eq!(read(&open(&folder).unwrap()), (1..=kept).map(body).collect::<Vec<_>>(), "cut at {cut}");
    }
}

#[test]
fn a_changed_byte_is_corruption_even_in_the_last_frame_or_it_changes_nothing() {
    let folder = Folder::new();
    let ends = write_frames(&folder, 5);
    let whole = fs::read(segment(&folder)).unwrap();
    let all: Vec<Vec<u8>> = (1..=5).map(body).collect();
    for at in 0..ends[4] + 30 {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            fs::write(segment(&folder), &bytes).unwrap();
            match open(&folder) {
                Ok(disk) => {
                    assert!(at >= ends[4], "the change at {at} was not noticed");
                    assert_eq!(read(&disk), all);
                }
                Err(Error::Corrupt { .. } | Error::Format { .. }) => {
                    assert!(at < ends[4], "refused for {at}")
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[test]
fn a_last_frame_without_its_mark_is_written_again_and_marked() {
    let folder = Folder::new();
    let ends = write_frames(&folder, 3);
    let mut bytes = fs::read(segment(&folder)).unwrap();
    assert!(bytes[ends[2]..ends[2] + 24].iter().any(|&byte| byte != 0));
    bytes[ends[2]..].fill(0);
    fs::write(segment(&folder), &bytes).unwrap();
    drop(open(&folder).unwrap());
    let mut bytes = fs::read(segment(&folder)).unwrap();
    bytes[ends[2] - 1] ^= 1;
    fs::write(segment(&folder), &bytes).unwrap();
    let text = open(&folder).unwrap_err().to_string();
    let text = text.replace(&*folder.path().to_string_lossy(), "FOLDER");
    expect!["FOLDER/segment-00000001.log is damaged: at byte 118: the frame there has a wrong checksum, but frame 3 was complete once"].assert_eq(&text);
}

#[test]
fn damage_is_named_with_its_file_and_offset() {
    let folder = Folder::new();
    let ends = write_frames(&folder, 5);
    let mut bytes = fs::read(segment(&folder)).unwrap();
    bytes[ends[1] + 30] ^= 1;
    fs::write(segment(&folder), &bytes).unwrap();
    let text = open(&folder).unwrap_err().to_string();
    let text = text.replace(&*folder.path().to_string_lossy(), "FOLDER");
    expect!["FOLDER/segment-00000001.log is damaged: at byte 118: the frame there has a wrong checksum, but there is a valid one behind it, at 161"].assert_eq(&text);
}

#[test]
fn damage_in_an_earlier_segment_is_noticed_when_it_is_read() {
    let folder = Folder::new();
    write_frames(&folder, 40);
    let path = segment(&folder);
    let mut bytes = fs::read(&path).unwrap();
    bytes[200] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let disk = open(&folder).unwrap();
    assert!(matches!(disk.frames(1, &mut |_| Ok(())), Err(Error::Corrupt { .. })));
    let untouched = disk.segments()[1].number;
    assert!(untouched == 2 && disk.frames(30, &mut |_| Ok(())).is_ok());
}

#[test]
fn a_missing_segment_is_noticed() {
    let folder = Folder::new();
    write_frames(&folder, 80);
    fs::remove_file(folder.path().join("segment-00000002.log")).unwrap();
    let disk = open(&folder).unwrap();
    assert!(matches!(disk.frames(1, &mut |_| Ok(())), Err(Error::Corrupt { .. })));
}

#[test]
fn another_format_is_refused() {
    let folder = Folder::new();
    write_frames(&folder, 1);
    let mut bytes = fs::read(segment(&folder)).unwrap();
    bytes[8] = 1;
    let crc = crc32c::crc32c(&bytes[..28]).to_le_bytes();
    bytes[28..32].copy_from_slice(&crc);
    fs::write(segment(&folder), &bytes).unwrap();
    let text = open(&folder).unwrap_err().to_string();
    let text = text.replace(&*folder.path().to_string_lossy(), "FOLDER");
    expect!["FOLDER/segment-00000001.log has format 1; this program reads formats 2 to 6: use the program that wrote it"].assert_eq(&text);
}

#[test]
fn a_folder_can_be_opened_once() {
    let folder = Folder::new();
    let first = open(&folder).unwrap();
    assert!(matches!(open(&folder), Err(Error::Locked(path)) if path == folder.path()));
    drop(first);
    open(&folder).unwrap();
}

#[test]
fn what_was_left_unfinished_is_removed() {
    let folder = Folder::new();
    write_frames(&folder, 1);
    for name in ["segment-00000007.new", "snapshot-00000000000000000007.new"] {
        fs::write(folder.path().join(name), b"half").unwrap();
    }
    drop(open(&folder).unwrap());
    let mut names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.all(|name| !name.to_string_lossy().ends_with(".new")));
}

#[test]
fn a_damaged_snapshot_gives_way_to_the_one_before_it() {
    let folder = Folder::new();
    let disk = open(&folder).unwrap();
    for seq in [3, 8] {
        disk.put_snapshot(seq, &mut |out| out.write_all(b"the state")).unwrap();
    }
    drop(disk);
    let path = folder.path().join("snapshot-00000000000000000008.dat");
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&path, &bytes).unwrap();
        assert_eq!(open(&folder).unwrap().snapshot().unwrap(), Some((3, b"the state".to_vec())), "byte {at}");
        fs::write(&path, &whole[..at]).unwrap();
        assert_eq!(open(&folder).unwrap().snapshot().unwrap(), Some((3, b"the state".to_vec())), "byte {at}");
    }
}

fn open(folder: &Folder) -> Result<Disk, Error> {
    Disk::open(folder.path(), 1_000)
}

/// Where each frame ends in the first segment.
fn write_frames(folder: &Folder, count: u64) -> Vec<usize> {
    let disk = open(folder).unwrap();
    let epoch = disk.acquire().unwrap();
    let append = |seq| {
        let place = disk.append(epoch, seq, &body(seq)).unwrap();
        place.offset() as usize + body(seq).len()
    };
    (1..=count).map(append).collect()
}

fn body(seq: u64) -> Vec<u8> {
    format!("the body of frame {seq}").into_bytes()
}

fn read(disk: &Disk) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    disk.frames(1, &mut |frame| {
        bodies.push(frame.body.to_vec());
        Ok(())
    })
    .unwrap();
    bodies
}

fn segment(folder: &Folder) -> PathBuf {
    folder.path().join("segment-00000001.log")
}
