//! Whatever answers need not be MySQL: nothing that it says makes us panic.

use bytes::Bytes;
use mysql_common::constants::{ColumnFlags, ColumnType};
use mysql_common::io::ParseBuf;
use mysql_common::packets::{AuthSwitchRequest, Column as Definition};
use proptest::collection::vec;
use proptest::prelude::*;

use super::login::greeting;
use super::row::{self, Form};
use super::types;
use super::wire::told;

const TYPES: [ColumnType; 10] = [
    ColumnType::MYSQL_TYPE_TINY,
    ColumnType::MYSQL_TYPE_SHORT,
    ColumnType::MYSQL_TYPE_LONG,
    ColumnType::MYSQL_TYPE_LONGLONG,
    ColumnType::MYSQL_TYPE_DOUBLE,
    ColumnType::MYSQL_TYPE_DATE,
    ColumnType::MYSQL_TYPE_DATETIME,
    ColumnType::MYSQL_TYPE_TIME,
    ColumnType::MYSQL_TYPE_BIT,
    ColumnType::MYSQL_TYPE_VAR_STRING,
];

proptest! {
    #[test]
    fn any_row(bytes in vec(any::<u8>(), 0..40), kinds in vec((0..TYPES.len(), any::<bool>(), any::<u8>()), 0..6)) {
        let column = |&(kind, is_unsigned, decimals): &(usize, bool, u8)| {
            let flags = if is_unsigned { ColumnFlags::UNSIGNED_FLAG } else { ColumnFlags::empty() };
            Definition::new(TYPES[kind]).with_flags(flags).with_decimals(decimals).with_column_length(1)
        };
        let columns: Vec<Definition> = kinds.iter().map(column).collect();
        let packet = Bytes::from(bytes);
        for form in [Form::Text, Form::Binary] {
            if let Ok(row) = row::read(&packet, &columns, form) {
                prop_assert_eq!(row.len(), columns.len());
            }
        }
    }

    #[test]
    fn any_packet(bytes in vec(any::<u8>(), 0..120)) {
        let _ = told(&bytes);
        let _ = greeting(&bytes);
        let _ = ParseBuf(&bytes).parse::<AuthSwitchRequest<'_>>(()).map(|asked| asked.plugin_data().len());
        if let Ok(column) = ParseBuf(&bytes).parse::<Definition>(()) {
            types::column(&column);
        }
    }

    /// The same, where the beginning is right.
    #[test]
    fn any_greeting(bytes in vec(any::<u8>(), 0..120)) {
        let packet = [b"\x0a8.0.36\0".as_slice(), &bytes].concat();
        let _ = greeting(&packet);
        let packet = [b"\x03def\0\x01t\x01t\x01a\x01a\x0c".as_slice(), &bytes].concat();
        if let Ok(column) = ParseBuf(&packet).parse::<Definition>(()) {
            types::column(&column);
        }
    }
}
