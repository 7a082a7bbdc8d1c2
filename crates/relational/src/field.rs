//! Cells as the Data API writes them: a Field with the member of its kind, or plain JSON.

use aws_protocols::base64;
use json::{Object, Value};

use crate::connection::{Kind, Scalar};
use crate::fault::Error;

/// How numbers are written. (ResultSetOptions)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Whether decimals are numbers and no texts.
    pub(crate) decimals_are_numbers: bool,
    /// Whether integers are texts.
    pub(crate) longs_are_texts: bool,
}

/// A Field.
pub(crate) fn field(kind: Kind, cell: Option<&[u8]>, options: Options) -> Result<Value, Error> {
    let Some(cell) = cell else { return Ok(one("isNull", true)) };
    match kind {
        Kind::One(scalar) => {
            let (member, value) = written(scalar, cell, options);
            Ok(one(member.name(), value))
        }
        Kind::Array(scalar) => {
            let elements = elements(&text(cell))?;
            let write = |element: &Option<String>| match element {
                Some(element) => written(scalar_in_array(scalar), element.as_bytes(), options).1,
                None => Value::Null,
            };
            let member = written(scalar_in_array(scalar), b"0", options).0;
            let values: Vec<Value> = elements.iter().map(write).collect();
            Ok(one("arrayValue", one(member.plural(), values)))
        }
    }
}

/// The same as JSON would have it. (`formatRecordsAs`)
pub(crate) fn plain(kind: Kind, cell: Option<&[u8]>) -> Result<Value, Error> {
    let options = Options { decimals_are_numbers: true, longs_are_texts: false };
    let Some(cell) = cell else { return Ok(Value::Null) };
    match kind {
        Kind::One(scalar) => Ok(written(scalar, cell, options).1),
        Kind::Array(scalar) => {
            let write = |element: Option<String>| {
                element.map(|element| written(scalar_in_array(scalar), element.as_bytes(), options).1)
            };
            Ok(elements(&text(cell))?.into_iter().map(write).map(Value::from).collect::<Vec<_>>().into())
        }
    }
}

/// A member of a Field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Member {
    Boolean,
    Long,
    Double,
    Blob,
    String,
}

impl Member {
    fn name(self) -> &'static str {
        match self {
            Member::Boolean => "booleanValue",
            Member::Long => "longValue",
            Member::Double => "doubleValue",
            Member::Blob => "blobValue",
            Member::String => "stringValue",
        }
    }

    /// Of an ArrayValue.
    fn plural(self) -> &'static str {
        match self {
            Member::Boolean => "booleanValues",
            Member::Long => "longValues",
            Member::Double => "doubleValues",
            Member::Blob | Member::String => "stringValues",
        }
    }
}

fn written(scalar: Scalar, cell: &[u8], options: Options) -> (Member, Value) {
    let text = || text(cell);
    let long = || text().parse::<i64>().ok();
    let double = || text().parse::<f64>().ok().map(number);
    let number = match scalar {
        Scalar::Boolean => return (Member::Boolean, (cell == b"t").into()),
        Scalar::Blob => return (Member::Blob, base64::encode(cell).into()),
        Scalar::Long if options.longs_are_texts => None,
        Scalar::Long => long().map(|long| (Member::Long, long.into())),
        Scalar::Double => double().map(|double| (Member::Double, double)),
        Scalar::Decimal if options.decimals_are_numbers => long()
            .map(|long| (Member::Long, long.into()))
            .or_else(|| double().map(|double| (Member::Double, double))),
        Scalar::Decimal | Scalar::Text => None,
        Scalar::Zoned => {
            let text = text();
            return (Member::String, text.strip_suffix("+00").unwrap_or(&text).into());
        }
    };
    // What is no number of ours, as an unsigned one beyond 63 bits, is still a text.
    number.unwrap_or_else(|| (Member::String, text().as_ref().into()))
}

/// JSON has no number for these; AWS's protocols write texts, and SDKs read them.
fn number(double: f64) -> Value {
    if double.is_nan() {
        return "NaN".into();
    }
    if double.is_infinite() {
        return if double > 0.0 { "Infinity" } else { "-Infinity" }.into();
    }
    double.into()
}

/// An ArrayValue has no blobs.
fn scalar_in_array(scalar: Scalar) -> Scalar {
    if scalar == Scalar::Blob { Scalar::Text } else { scalar }
}

fn text(cell: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(cell)
}

fn one(name: &str, value: impl Into<Value>) -> Value {
    let mut members = Object::with_capacity(1);
    members.insert(name, value);
    Value::Object(members)
}

/// The elements of an array as PostgreSQL writes it: `{1,NULL,"a b"}`.
fn elements(text: &str) -> Result<Vec<Option<String>>, Error> {
    let unreadable = || Error::Unsupported(format!("An array cannot be read: {text}"));
    // An array that does not begin at 1 says so: `[0:1]={a,b}`.
    let body = match text.strip_prefix('[') {
        Some(rest) => rest.split_once("]=").ok_or_else(unreadable)?.1,
        None => text,
    };
    let body = body.strip_prefix('{').and_then(|body| body.strip_suffix('}')).ok_or_else(unreadable)?;
    let mut elements = Vec::new();
    let mut rest = body.chars().peekable();
    if body.is_empty() {
        return Ok(elements);
    }
    loop {
        match rest.peek() {
            Some('{') => {
                return Err(Error::Unsupported("The result contains a multidimensional array.".to_owned()));
            }
            Some('"') => {
                rest.next();
                let mut element = String::new();
                loop {
                    match rest.next().ok_or_else(unreadable)? {
                        '"' => break,
                        '\\' => element.push(rest.next().ok_or_else(unreadable)?),
                        c => element.push(c),
                    }
                }
                elements.push(Some(element));
            }
            _ => {
                let mut element = String::new();
                while let Some(c) = rest.next_if(|&c| c != ',') {
                    element.push(c);
                }
                elements.push((element != "NULL").then_some(element));
            }
        }
        match rest.next() {
            Some(',') => {}
            None => return Ok(elements),
            Some(_) => return Err(unreadable()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(kind: Kind, cells: &[&str], options: Options, expected: Expect) {
        let told = cells.iter().map(|cell| match field(kind, Some(cell.as_bytes()), options) {
            Ok(field) => format!(
                "{cell} → {} {}\n",
                field.to_text(),
                plain(kind, Some(cell.as_bytes())).unwrap().to_text()
            ),
            Err(error) => format!("{cell} → {error:?}\n"),
        });
        expected.assert_eq(&told.collect::<String>());
    }

    #[test]
    fn scalars() {
        let plainly = Options::default();
        check(
            Kind::One(Scalar::Long),
            &["-7", "18446744073709551615"],
            plainly,
            expect![[r#"
            -7 → {"longValue":-7} -7
            18446744073709551615 → {"stringValue":"18446744073709551615"} "18446744073709551615"
        "#]],
        );
        check(
            Kind::One(Scalar::Double),
            &["1.5", "NaN", "-Infinity"],
            plainly,
            expect![[r#"
            1.5 → {"doubleValue":1.5} 1.5
            NaN → {"doubleValue":"NaN"} "NaN"
            -Infinity → {"doubleValue":"-Infinity"} "-Infinity"
        "#]],
        );
        check(
            Kind::One(Scalar::Decimal),
            &["12.50", "7"],
            plainly,
            expect![[r#"
            12.50 → {"stringValue":"12.50"} 12.5
            7 → {"stringValue":"7"} 7
        "#]],
        );
        let other = Options { decimals_are_numbers: true, longs_are_texts: true };
        check(
            Kind::One(Scalar::Decimal),
            &["12.50", "7"],
            other,
            expect![[r#"
            12.50 → {"doubleValue":12.5} 12.5
            7 → {"longValue":7} 7
        "#]],
        );
        check(
            Kind::One(Scalar::Long),
            &["7"],
            other,
            expect![[r#"
            7 → {"stringValue":"7"} 7
        "#]],
        );
        check(
            Kind::One(Scalar::Zoned),
            &["2024-01-02 03:04:05.6+00"],
            plainly,
            expect![[r#"
            2024-01-02 03:04:05.6+00 → {"stringValue":"2024-01-02 03:04:05.6"} "2024-01-02 03:04:05.6"
        "#]],
        );
        check(
            Kind::One(Scalar::Blob),
            &["hi"],
            plainly,
            expect![[r#"
            hi → {"blobValue":"aGk="} "aGk="
        "#]],
        );
    }

    #[test]
    fn arrays() {
        let plainly = Options::default();
        check(
            Kind::Array(Scalar::Long),
            &["{}", "{1,NULL,-3}", "[0:1]={4,5}", "{{1},{2}}"],
            plainly,
            expect![[r#"
            {} → {"arrayValue":{"longValues":[]}} []
            {1,NULL,-3} → {"arrayValue":{"longValues":[1,null,-3]}} [1,null,-3]
            [0:1]={4,5} → {"arrayValue":{"longValues":[4,5]}} [4,5]
            {{1},{2}} → Unsupported("The result contains a multidimensional array.")
        "#]],
        );
        check(
            Kind::Array(Scalar::Text),
            &[r#"{a,"b, \"c\"","NULL",NULL}"#, "{a"],
            plainly,
            expect![[r#"
            {a,"b, \"c\"","NULL",NULL} → {"arrayValue":{"stringValues":["a","b, \"c\"","NULL",null]}} ["a","b, \"c\"","NULL",null]
            {a → Unsupported("An array cannot be read: {a")
        "#]],
        );
        check(
            Kind::Array(Scalar::Boolean),
            &["{t,f}"],
            plainly,
            expect![[r#"
            {t,f} → {"arrayValue":{"booleanValues":[true,false]}} [true,false]
        "#]],
        );
    }
}
