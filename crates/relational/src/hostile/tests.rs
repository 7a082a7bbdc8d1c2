//! Whatever answers need not be a database: what it says is read in bounded memory, and told of.

use std::time::{Duration, Instant};

use json::{Value, value};

use super::*;

const POSTGRES: &str = "postgres://ada:secret@localhost/orders";
const MYSQL: &str = "mysql://ada:secret@localhost/orders";

const TOO_LARGE: &str = "Database response exceeded size limit";
const NOT_UNDERSTOOD: &str =
    "The connection to the database was lost: the database's answer was not understood";

/// What comes of a server that says this behind its welcome, and the last part of it again and again.
fn endless(url: &str, first: &[u8], again: &[u8]) -> Heard {
    let welcome = if url == MYSQL { mysql_welcome() } else { POSTGRES_WELCOME.to_vec() };
    let bytes = [&welcome, first, again].concat();
    ask(url, Says { bytes, again: again.len(), bytes_max: 32 << 20 })
}

fn check(heard: &Heard, error: &str, read_max: usize) {
    assert_eq!(heard.answers, [Err(error.to_owned())]);
    assert!(heard.read <= read_max, "{} bytes were read", heard.read);
}

/// The description of so many columns of a type.
fn described(columns: u16, kind: u32, origin: impl Fn(u16) -> u32) -> Vec<u8> {
    let mut payload = columns.to_be_bytes().to_vec();
    for number in 0..columns {
        payload.extend(format!("c{number}\0").bytes());
        payload.extend(origin(number).to_be_bytes());
        payload.extend([0, 1]);
        payload.extend(kind.to_be_bytes());
        payload.extend([0, 4, 0xff, 0xff, 0xff, 0xff, 0, 0]);
    }
    message(b'T', &payload)
}

/// A row of texts.
fn row(cells: &[&str]) -> Vec<u8> {
    let mut payload = (cells.len() as u16).to_be_bytes().to_vec();
    for cell in cells {
        payload.extend((cell.len() as u32).to_be_bytes());
        payload.extend(cell.bytes());
    }
    message(b'D', &payload)
}

const INT: u32 = 23;
const READY: &[u8] = b"Z\0\0\0\x05I";

#[test]
fn a_good_answer_is_one() {
    let said = [described(1, INT, |_| 0), row(&["7"]), message(b'C', b"SELECT 1\0"), READY.to_vec()].concat();
    let heard = endless(POSTGRES, &[], &said);
    let [Ok([records, json]), Ok(_)] = &heard.answers[..] else { panic!("{heard:?}") };
    assert!(records.contains(r#""records":[[{"longValue":7}]]"#), "{records}");
    assert!(json.contains(r#"[{\"c0\":7}]"#), "{json}");
}

#[test]
fn rows_without_cells_end() {
    check(&endless(POSTGRES, &described(0, 0, |_| 0), &row(&[])), TOO_LARGE, 2 << 20);
    // Its first byte is the count of columns, which is zero in three bytes.
    let first = [packet(1, &[0xfc, 0, 0]), packet(2, &[0xfe, 0, 0, 2, 0])].concat();
    check(&endless(MYSQL, &first, &packet(3, &[])), TOO_LARGE, 2 << 20);
}

/// A column of a MySQL whose name has so many bytes.
fn definition(name: u16) -> Vec<u8> {
    let name = [&[0xfc], &name.to_le_bytes()[..], &vec![b'a'; name.into()]].concat();
    // A text of 1 byte.
    let fixed = [0x0c, 0x21, 0, 1, 0, 0, 0, 0xfd, 0, 0, 0, 0, 0];
    packet(0, &[b"\x03def\0\0\0", &name[..], &[0], &fixed].concat())
}

#[test]
fn cells_that_are_null_are_counted() {
    let columns: usize = 4096;
    let mut said = packet(1, &[0xfc, 0, 0x10]);
    (0..columns).for_each(|_| said.extend(definition(1)));
    said.extend(packet(0, &[0xfe, 0, 0, 2, 0]));
    let heard = endless(MYSQL, &said, &packet(0, &vec![0xfb; columns]));
    // So many rows of 20 KiB, and what was taken from the socket with them.
    check(&heard, TOO_LARGE, said.len() + 52 * (columns + 4) + (64 << 10));
}

#[test]
fn nobody_has_so_many_columns() {
    check(&endless(POSTGRES, &described(1665, INT, |_| 0), b""), NOT_UNDERSTOOD, 1 << 20);
    let heard = endless(POSTGRES, &described(1664, INT, |_| 0), READY);
    assert!(heard.answers[0].is_ok(), "{:?}", heard.answers);
    check(&endless(MYSQL, &packet(1, &[0xfc, 1, 0x10]), &definition(1)), NOT_UNDERSTOOD, 1 << 20);
    check(&endless(MYSQL, &packet(1, &[0xfc, 0, 0x10]), &definition(60_000)), NOT_UNDERSTOOD, 5 << 20);
}

#[test]
fn a_row_has_as_many_cells_as_there_are_columns() {
    check(&endless(POSTGRES, &described(2, INT, |_| 0), &row(&["1"])), NOT_UNDERSTOOD, 64 << 10);
    check(&endless(POSTGRES, &[], &row(&["1"])), NOT_UNDERSTOOD, 64 << 10);
}

#[test]
fn what_a_message_says_of_its_length_makes_no_room() {
    check(&endless(POSTGRES, b"D\x7f\xff\xff\xff", b"a"), TOO_LARGE, 64 << 10);
    check(&endless(MYSQL, b"\xff\xff\xff\x01", b"a"), TOO_LARGE, 64 << 10);
    let negative = "The connection to the database was lost: invalid message length: header length < 4";
    check(&endless(POSTGRES, b"D\xff\xff\xff\xff", b"a"), negative, 64 << 10);
}

/// Of many types and tables: each is found in a list of as many.
#[test]
fn a_catalogue_of_many_is_searched_in_time() {
    let columns = 1664;
    let said = [
        described(columns, INT, |number| 20_000 + u32::from(number)),
        message(b'C', b"SELECT 0\0"),
        READY.to_vec(),
        described(5, INT, |_| 0),
        (0..25_000).flat_map(|number| row(&[&number.to_string(), "1", "t", "t", "f"])).collect(),
        message(b'C', b"SELECT 0\0"),
        READY.to_vec(),
    ]
    .concat();
    let began = Instant::now();
    let heard = endless(POSTGRES, &said, READY);
    assert!(heard.answers[0].as_ref().is_ok_and(|[records, _]| records.contains(r#""tableName":"t""#)));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn a_login_ends() {
    let mechanisms = message(b'R', b"\0\0\0\x0aSCRAM-SHA-256\0\0");
    let heard = ask(POSTGRES, Says { again: mechanisms.len(), bytes: mechanisms, bytes_max: 1 << 20 });
    let [Err(error)] = &heard.answers[..] else { panic!("{heard:?}") };
    assert!(error.starts_with("PostgreSQL asks for a way to log in that is not supported"), "{error}");
    let welcome = mysql_welcome();
    let greeting = welcome[..welcome.len() - 11].to_vec();
    let more = packet(2, &[1, 3]);
    let says = Says { bytes: [greeting, more.clone()].concat(), again: more.len(), bytes_max: 1 << 20 };
    check(&ask(MYSQL, says), NOT_UNDERSTOOD, 64 << 10);
}

fn bound(value: &str) -> Value {
    value!([{"name": "a", "value": {"stringValue": value}}])
}

#[test]
fn a_value_is_as_large_as_it_is_often() {
    let sql = "SELECT ".to_owned() + &vec![":a"; 20_000].join(",");
    let input = |value: &str| value!({"sql": (sql.as_str()), "parameters": (bound(value))});
    for url in [POSTGRES, MYSQL] {
        let (text, heard) = send(url, &input("x")).unwrap();
        assert_eq!(text.matches(if url == MYSQL { "?" } else { "$1" }).count(), 20_000);
        assert!(heard.sent > 40_000, "{heard:?}");
    }
    let large = input(&"x".repeat(1 << 20));
    assert!(send(POSTGRES, &large).is_ok(), "it is one parameter, however often it is named");
    assert_eq!(
        send(MYSQL, &large).unwrap_err(),
        "The values of the statement's parameters take more than 16777216 bytes, each as often as it is named: send fewer at once"
    );
}

#[test]
fn a_statement_has_as_many_parameters_as_there_can_be() {
    let sql = vec![":a"; 65_535].join(",");
    let (_, heard) = send(MYSQL, &value!({"sql": (sql.as_str()), "parameters": (bound("x"))})).unwrap();
    // The statement, and then its values, of two bytes and two for the type each.
    assert!(heard.sent > 65_535 * (2 + 4), "{heard:?}");
}
