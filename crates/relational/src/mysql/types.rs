//! MySQL's types, and what the Data API and JDBC make of them.

use mysql_common::constants::{ColumnFlags, ColumnType};
use mysql_common::packets::Column as Definition;

use crate::connection::{Column, Details, Kind, Nullable, Scalar};
use crate::parameter::Parameter;

/// The character set of what has none.
const BINARY: u16 = 63;
/// Bytes of a character as they are counted in utf8mb4.
const BYTES_PER_CHARACTER: u32 = 4;

/// A column.
pub(super) fn column(definition: &Definition) -> Column {
    let flags = definition.flags();
    let (name, code) = name_and_code(definition);
    let is_unsigned = flags.contains(ColumnFlags::UNSIGNED_FLAG);
    let is_number = matches!(scalar(definition), Scalar::Long | Scalar::Double | Scalar::Decimal);
    let is_text = is_text(definition);
    let label = definition.name_str().into_owned();
    let original = definition.org_name_str().into_owned();
    let details = Details {
        type_name: if is_unsigned && is_number { format!("{name} UNSIGNED") } else { name.to_owned() },
        type_code: code,
        array_type_code: 0,
        table: definition.org_table_str().into_owned(),
        nullable: if flags.contains(ColumnFlags::NOT_NULL_FLAG) { Nullable::No } else { Nullable::Yes },
        precision: precision(definition),
        scale: if scalar(definition) == Scalar::Decimal { i64::from(definition.decimals()) } else { 0 },
        is_auto_increment: flags.contains(ColumnFlags::AUTO_INCREMENT_FLAG),
        is_signed: is_number && !is_unsigned,
        is_case_sensitive: is_text && flags.contains(ColumnFlags::BINARY_FLAG),
        is_currency: false,
        origin: (0, 0),
    };
    let name = if original.is_empty() { label.clone() } else { original };
    Column { label, name, kind: Kind::One(scalar(definition)), details }
}

/// What the Data API makes of a column. (`TINYINT(1)` and `BIT(1)` are truth values for JDBC)
pub(super) fn scalar(definition: &Definition) -> Scalar {
    use ColumnType::*;
    match definition.column_type() {
        MYSQL_TYPE_TINY | MYSQL_TYPE_BIT if definition.column_length() == 1 => Scalar::Boolean,
        MYSQL_TYPE_TINY | MYSQL_TYPE_SHORT | MYSQL_TYPE_INT24 | MYSQL_TYPE_LONG | MYSQL_TYPE_LONGLONG
        | MYSQL_TYPE_YEAR => Scalar::Long,
        MYSQL_TYPE_FLOAT | MYSQL_TYPE_DOUBLE => Scalar::Double,
        MYSQL_TYPE_DECIMAL | MYSQL_TYPE_NEWDECIMAL => Scalar::Decimal,
        MYSQL_TYPE_BIT | MYSQL_TYPE_GEOMETRY | MYSQL_TYPE_VECTOR => Scalar::Blob,
        _ if is_text(definition) => Scalar::Text,
        MYSQL_TYPE_STRING
        | MYSQL_TYPE_VAR_STRING
        | MYSQL_TYPE_VARCHAR
        | MYSQL_TYPE_TINY_BLOB
        | MYSQL_TYPE_MEDIUM_BLOB
        | MYSQL_TYPE_LONG_BLOB
        | MYSQL_TYPE_BLOB => Scalar::Blob,
        _ => Scalar::Text,
    }
}

fn is_text(definition: &Definition) -> bool {
    use ColumnType::*;
    let can_be = matches!(
        definition.column_type(),
        MYSQL_TYPE_STRING
            | MYSQL_TYPE_VAR_STRING
            | MYSQL_TYPE_VARCHAR
            | MYSQL_TYPE_TINY_BLOB
            | MYSQL_TYPE_MEDIUM_BLOB
            | MYSQL_TYPE_LONG_BLOB
            | MYSQL_TYPE_BLOB
            | MYSQL_TYPE_ENUM
            | MYSQL_TYPE_SET
    );
    can_be && definition.character_set() != BINARY
}

/// As MySQL's JDBC driver names types, and JDBC's codes for them. (java.sql.Types)
fn name_and_code(definition: &Definition) -> (&'static str, i32) {
    use ColumnType::*;
    let is_text = is_text(definition);
    let flags = definition.flags();
    match definition.column_type() {
        MYSQL_TYPE_TINY if definition.column_length() == 1 => ("BIT", -7),
        MYSQL_TYPE_TINY => ("TINYINT", -6),
        MYSQL_TYPE_SHORT => ("SMALLINT", 5),
        MYSQL_TYPE_INT24 => ("MEDIUMINT", 4),
        MYSQL_TYPE_LONG => ("INT", 4),
        MYSQL_TYPE_LONGLONG => ("BIGINT", -5),
        MYSQL_TYPE_FLOAT => ("FLOAT", 7),
        MYSQL_TYPE_DOUBLE => ("DOUBLE", 8),
        MYSQL_TYPE_DECIMAL | MYSQL_TYPE_NEWDECIMAL => ("DECIMAL", 3),
        MYSQL_TYPE_DATE | MYSQL_TYPE_NEWDATE => ("DATE", 91),
        MYSQL_TYPE_TIME | MYSQL_TYPE_TIME2 => ("TIME", 92),
        MYSQL_TYPE_DATETIME | MYSQL_TYPE_DATETIME2 => ("DATETIME", 93),
        MYSQL_TYPE_TIMESTAMP | MYSQL_TYPE_TIMESTAMP2 => ("TIMESTAMP", 93),
        MYSQL_TYPE_YEAR => ("YEAR", 91),
        MYSQL_TYPE_BIT => ("BIT", -7),
        MYSQL_TYPE_JSON => ("JSON", -1),
        MYSQL_TYPE_GEOMETRY => ("GEOMETRY", -2),
        MYSQL_TYPE_NULL => ("NULL", 0),
        _ if flags.contains(ColumnFlags::ENUM_FLAG) => ("ENUM", 1),
        _ if flags.contains(ColumnFlags::SET_FLAG) => ("SET", 1),
        MYSQL_TYPE_STRING if is_text => ("CHAR", 1),
        MYSQL_TYPE_STRING => ("BINARY", -2),
        MYSQL_TYPE_VAR_STRING | MYSQL_TYPE_VARCHAR if is_text => ("VARCHAR", 12),
        MYSQL_TYPE_VAR_STRING | MYSQL_TYPE_VARCHAR => ("VARBINARY", -3),
        _ if is_text => ("TEXT", -1),
        _ => ("BLOB", -4),
    }
}

/// Digits of a number, characters of a text, bytes of anything else.
fn precision(definition: &Definition) -> i64 {
    use ColumnType::*;
    let length = definition.column_length();
    let is_signed = !definition.flags().contains(ColumnFlags::UNSIGNED_FLAG);
    i64::from(match definition.column_type() {
        MYSQL_TYPE_DECIMAL | MYSQL_TYPE_NEWDECIMAL => {
            // The length has room for a sign and a point.
            length.saturating_sub(u32::from(is_signed) + u32::from(definition.decimals() > 0))
        }
        MYSQL_TYPE_TINY if length != 1 => 3,
        MYSQL_TYPE_SHORT => 5,
        MYSQL_TYPE_INT24 => 7,
        MYSQL_TYPE_LONG => 10,
        MYSQL_TYPE_LONGLONG => 19,
        _ if is_text(definition) => length / BYTES_PER_CHARACTER,
        _ => length,
    })
}

/// The type that a parameter is sent with. (A typeHint changes nothing: MySQL reads a date and a UUID out of a text by itself.)
pub(super) fn of_parameter(parameter: &Parameter) -> u16 {
    let kind = match parameter {
        Parameter::Null(_) => ColumnType::MYSQL_TYPE_NULL,
        Parameter::Boolean(_) => ColumnType::MYSQL_TYPE_TINY,
        Parameter::Long(_) => ColumnType::MYSQL_TYPE_LONGLONG,
        Parameter::Double(_) => ColumnType::MYSQL_TYPE_DOUBLE,
        Parameter::Text(..) => ColumnType::MYSQL_TYPE_VAR_STRING,
        Parameter::Blob(_) => ColumnType::MYSQL_TYPE_BLOB,
    };
    kind as u16
}
