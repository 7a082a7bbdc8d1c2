//! Bytes that the generator did not write. Never here: a panic.

use crate::decode;
use crate::reader::{Damaged, Reader};
use crate::table::Table;

/// A model's bytes, of a service small enough to be spoilt in every place.
fn model() -> Vec<u8> {
    let table = Table::read(include_bytes!("../../data/models.bin")).unwrap();
    table.model_bytes("rds-data").unwrap()
}

fn read(bytes: &[u8]) -> Result<usize, Damaged> {
    decode::service("name", "sdkname", "ClientName", bytes).map(|service| service.operations().len())
}

/// What is read from damaged bytes may be wrong, but reading ends, and what it made can be walked.
#[test]
fn no_damage_of_a_model_is_fatal() {
    let whole = model();
    assert_eq!(read(&whole), Ok(6));
    for end in 0..whole.len() {
        assert_eq!(read(&whole[..end]), Err(Damaged), "{end}");
    }
    let mut noticed = 0;
    for place in 0..whole.len() {
        for flip in [1, 0x80, 0xff] {
            let mut damaged = whole.clone();
            damaged[place] ^= flip;
            let Ok(service) = decode::service("name", "sdkname", "ClientName", &damaged) else {
                noticed += 1;
                continue;
            };
            for operation in service.operations() {
                let _ = (operation.uri(), operation.input().map(|shape| shape.members().len()));
                assert!(operation.errors().all(|error| error.name().len() <= whole.len()));
            }
        }
    }
    assert!(noticed > 0);
}

#[test]
fn a_damaged_index_is_told() {
    for bytes in [&b""[..], b"SWMODEL\x03", b"SWMODEL\x02", b"SWMODEL\x02\x00\x00\xff\xff\x03"] {
        assert!(Table::read(bytes).is_err(), "{bytes:?}");
    }
    assert!(Table::read(b"SWMODEL\x02\x00\x00\x00").is_ok());
}

#[test]
fn numbers_end() {
    assert_eq!(Reader::new(&[0x80; 20]).number(), Err(Damaged));
    assert_eq!(Reader::new(&[0xac, 0x02]).number(), Ok(300));
    assert_eq!(
        Reader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]).number(),
        Ok(u64::MAX)
    );
    assert_eq!(Reader::new(&[0xac, 0x02]).small::<u8>(), Err(Damaged));
}
