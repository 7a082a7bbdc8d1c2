//! PostgreSQL's types, and what the Data API and JDBC make of them.

use std::borrow::Cow;

use crate::connection::{Column, Details, Kind, Nullable, Scalar};
use crate::parameter::{Hint, Parameter};

/// What PostgreSQL calls a type or a table.
pub(super) type Oid = u32;

/// Types above this number are somebody's own. (FirstNormalObjectId)
pub(super) const OWN_FIRST: Oid = 16384;

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) name: Cow<'static, str>,
    pub(super) kind: Kind,
    /// JDBC's.
    pub(super) code: i32,
    /// JDBC's, of what an array has in it.
    pub(super) element_code: i32,
}

/// JDBC's codes. (java.sql.Types)
pub(super) mod code {
    pub const BIT: i32 = -7;
    pub const BIGINT: i32 = -5;
    pub const BINARY: i32 = -2;
    pub const CHAR: i32 = 1;
    pub const NUMERIC: i32 = 2;
    pub const INTEGER: i32 = 4;
    pub const SMALLINT: i32 = 5;
    pub const REAL: i32 = 7;
    pub const DOUBLE: i32 = 8;
    pub const VARCHAR: i32 = 12;
    pub const DATE: i32 = 91;
    pub const TIME: i32 = 92;
    pub const TIMESTAMP: i32 = 93;
    pub const OTHER: i32 = 1111;
    pub const ARRAY: i32 = 2003;
}

/// Number, name, what it becomes, JDBC's code, number of the array of it. (pg_type.dat)
const BUILT_IN: [(Oid, &str, Scalar, i32, Oid); 27] = [
    (16, "bool", Scalar::Boolean, code::BIT, 1000),
    (17, "bytea", Scalar::Blob, code::BINARY, 1001),
    (18, "char", Scalar::Text, code::CHAR, 1002),
    (19, "name", Scalar::Text, code::VARCHAR, 1003),
    (20, "int8", Scalar::Long, code::BIGINT, 1016),
    (21, "int2", Scalar::Long, code::SMALLINT, 1005),
    (23, "int4", Scalar::Long, code::INTEGER, 1007),
    (25, "text", Scalar::Text, code::VARCHAR, 1009),
    (26, "oid", Scalar::Long, code::BIGINT, 1028),
    (114, "json", Scalar::Text, code::OTHER, 199),
    (142, "xml", Scalar::Text, code::OTHER, 143),
    (700, "float4", Scalar::Double, code::REAL, 1021),
    (701, "float8", Scalar::Double, code::DOUBLE, 1022),
    (790, "money", Scalar::Text, code::DOUBLE, 791),
    (869, "inet", Scalar::Text, code::OTHER, 1041),
    (1042, "bpchar", Scalar::Text, code::CHAR, 1014),
    (1043, "varchar", Scalar::Text, code::VARCHAR, 1015),
    (1082, "date", Scalar::Text, code::DATE, 1182),
    (1083, "time", Scalar::Text, code::TIME, 1183),
    (1114, "timestamp", Scalar::Text, code::TIMESTAMP, 1115),
    (1184, "timestamptz", Scalar::Zoned, code::TIMESTAMP, 1185),
    (1186, "interval", Scalar::Text, code::OTHER, 1187),
    (1266, "timetz", Scalar::Text, code::TIME, 1270),
    (1560, "bit", Scalar::Text, code::BIT, 1561),
    (1700, "numeric", Scalar::Decimal, code::NUMERIC, 1231),
    (2950, "uuid", Scalar::Text, code::OTHER, 2951),
    (3802, "jsonb", Scalar::Text, code::OTHER, 3807),
];

/// A type that every PostgreSQL has, or an array of one.
pub(super) fn built_in(oid: Oid) -> Option<Type> {
    BUILT_IN.iter().find_map(|&(own, name, scalar, code, array)| {
        let one = Type { name: name.into(), kind: Kind::One(scalar), code, element_code: 0 };
        let many = || array_of(&one);
        if own == oid { Some(one.clone()) } else { (array == oid).then(many) }
    })
}

/// The type of arrays of a type.
pub(super) fn array_of(element: &Type) -> Type {
    let scalar = match element.kind {
        Kind::One(scalar) | Kind::Array(scalar) => scalar,
    };
    Type {
        name: format!("_{}", element.name).into(),
        kind: Kind::Array(scalar),
        code: code::ARRAY,
        element_code: element.code,
    }
}

/// What nobody knows is a text.
pub(super) fn unknown() -> Type {
    Type { name: "unknown".into(), kind: Kind::One(Scalar::Text), code: code::OTHER, element_code: 0 }
}

/// A column of a type.
pub(super) fn column(label: &str, kind: &Type, modifier: i32) -> Column {
    let (precision, scale) = precision_and_scale(&kind.name, modifier);
    let is_number =
        matches!(kind.name.as_ref(), "int2" | "int4" | "int8" | "float4" | "float8" | "numeric" | "money");
    let has_no_case = is_number
        || matches!(
            kind.name.as_ref(),
            "bool" | "bit" | "oid" | "date" | "time" | "timetz" | "timestamp" | "timestamptz" | "interval"
        );
    let details = Details {
        type_name: kind.name.clone().into_owned(),
        type_code: kind.code,
        array_type_code: kind.element_code,
        table: String::new(),
        nullable: Nullable::Unknown,
        precision,
        scale,
        is_auto_increment: false,
        is_signed: is_number,
        is_case_sensitive: !has_no_case,
        is_currency: kind.name == "money",
        origin: (0, 0),
    };
    Column { label: label.to_owned(), name: label.to_owned(), kind: kind.kind, details }
}

/// As PostgreSQL's JDBC driver counts them: digits of a number, characters of anything else.
fn precision_and_scale(name: &str, modifier: i32) -> (i64, i64) {
    const ANY: i64 = i32::MAX as i64;
    let modifier = i64::from(modifier);
    match name {
        "bool" => (1, 0),
        "int2" => (5, 0),
        "int4" | "oid" => (10, 0),
        "int8" => (19, 0),
        "float4" => (8, 8),
        "float8" => (17, 17),
        "numeric" if modifier >= 4 => (((modifier - 4) >> 16) & 0xffff, (modifier - 4) & 0xffff),
        "numeric" => (0, 0),
        "varchar" | "bpchar" if modifier >= 4 => (modifier - 4, 0),
        "bit" if modifier >= 0 => (modifier, 0),
        "char" => (1, 0),
        "date" => (13, 0),
        "time" => (15, 6),
        "timetz" => (21, 6),
        "timestamp" => (29, 6),
        "timestamptz" => (35, 6),
        _ => (ANY, 0),
    }
}

/// The type that the Data API gives a parameter. (A text is a text: `uuid = text` needs a typeHint or a cast, as with AWS.)
pub(super) fn of_parameter(parameter: &Parameter) -> Oid {
    match parameter {
        // Not named: the database finds it out.
        Parameter::Null(None) => 0,
        Parameter::Boolean(_) => 16,
        Parameter::Blob(_) => 17,
        Parameter::Long(_) => 20,
        Parameter::Double(_) => 701,
        Parameter::Text(_, None) => 25,
        Parameter::Text(_, Some(hint)) | Parameter::Null(Some(hint)) => match hint {
            Hint::Date => 1082,
            Hint::Decimal => 1700,
            Hint::Json => 114,
            Hint::Time => 1083,
            Hint::Timestamp => 1114,
            Hint::Uuid => 2950,
        },
    }
}

/// A parameter as PostgreSQL reads it; None is NULL.
pub(super) fn text_of_parameter(parameter: &Parameter) -> Option<Cow<'_, str>> {
    Some(match parameter {
        Parameter::Null(_) => return None,
        Parameter::Boolean(is_true) => if *is_true { "t" } else { "f" }.into(),
        Parameter::Long(long) => long.to_string().into(),
        Parameter::Double(double) if double.is_infinite() => {
            if *double > 0.0 { "Infinity" } else { "-Infinity" }.into()
        }
        Parameter::Double(double) => double.to_string().into(),
        Parameter::Text(text, _) => text.as_str().into(),
        Parameter::Blob(bytes) => {
            const DIGITS: &[u8; 16] = b"0123456789abcdef";
            let mut text = String::with_capacity(2 + 2 * bytes.len());
            text.push_str("\\x");
            for byte in bytes {
                text.push(DIGITS[usize::from(byte >> 4)] as char);
                text.push(DIGITS[usize::from(byte & 15)] as char);
            }
            text.into()
        }
    })
}
