//! What a call answers.

use std::collections::BTreeSet;

use json::{Object, Value, value};

use crate::connection::{Column, Nullable, Outcome};
use crate::fault::Error;
use crate::field::{Options, field, plain};

/// A result as one JSON text may be so long. (ExecuteStatementResponse: "10 MB")
const FORMATTED_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Which form the answer has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) options: Options,
    /// Whether columns are told of.
    pub(crate) with_metadata: bool,
    /// Whether rows are one JSON text.
    pub(crate) as_json: bool,
}

/// An ExecuteStatementResponse.
pub(crate) fn executed(outcome: &Outcome, form: Form) -> Result<Value, Error> {
    let Some(columns) = &outcome.columns else {
        return Ok(
            value!({ "numberOfRecordsUpdated": (outcome.updated), "generatedFields": (generated(outcome)) }),
        );
    };
    if form.as_json {
        return Ok(
            value!({ "numberOfRecordsUpdated": 0, "formattedRecords": (formatted(columns, outcome)?) }),
        );
    }
    let record = |row: &Vec<Option<bytes::Bytes>>| -> Result<Value, Error> {
        let fields =
            columns.iter().zip(row).map(|(column, cell)| field(column.kind, cell.as_deref(), form.options));
        Ok(fields.collect::<Result<Vec<Value>, Error>>()?.into())
    };
    let records: Vec<Value> = outcome.rows.iter().map(record).collect::<Result<_, Error>>()?;
    let mut output = Object::new();
    output.insert("numberOfRecordsUpdated", 0);
    output.insert("records", records);
    if form.with_metadata {
        output.insert("columnMetadata", columns.iter().map(metadata).collect::<Vec<Value>>());
    }
    Ok(Value::Object(output))
}

/// A BatchExecuteStatementResponse.
pub(crate) fn executed_batch(outcomes: &[Outcome]) -> Value {
    let results = outcomes.iter().map(|outcome| value!({ "generatedFields": (generated(outcome)) }));
    value!({ "updateResults": (results.collect::<Vec<Value>>()) })
}

fn generated(outcome: &Outcome) -> Vec<Value> {
    // Up to 63 bits, as JDBC has it; a larger one is nothing that AUTO_INCREMENT comes to.
    let number = outcome.generated.and_then(|number| i64::try_from(number).ok());
    number.map(|number| value!({ "longValue": number })).into_iter().collect()
}

/// Rows as objects in one JSON text.
fn formatted(columns: &[Column], outcome: &Outcome) -> Result<String, Error> {
    let mut labels = BTreeSet::new();
    let repeated = columns.iter().map(|column| &column.label).find(|label| !labels.insert(*label));
    if let Some(label) = repeated.filter(|_| !outcome.rows.is_empty()) {
        return Err(Error::Unsupported(format!(
            "Two columns of the result are called {label}, and JSON has room for one: give them names with AS"
        )));
    }
    let mut text = String::from("[");
    for (number, row) in outcome.rows.iter().enumerate() {
        let mut members = Vec::with_capacity(columns.len());
        for (column, cell) in columns.iter().zip(row) {
            members.push((column.label.as_str().into(), plain(column.kind, cell.as_deref())?));
        }
        if number > 0 {
            text.push(',');
        }
        Value::Object(Object::of_members(members)).write_into(&mut text);
        if text.len() > FORMATTED_BYTES_MAX {
            return Err(Error::TooLarge);
        }
    }
    text.push(']');
    Ok(text)
}

/// A ColumnMetadata. JDBC's drivers know no schema of a column, and so the Data API tells none.
fn metadata(column: &Column) -> Value {
    let Column { label, name, details, .. } = column;
    let nullable = match details.nullable {
        Nullable::No => 0,
        Nullable::Yes => 1,
        Nullable::Unknown => 2,
    };
    value!({
        "arrayBaseColumnType": (details.array_type_code),
        "isAutoIncrement": (details.is_auto_increment),
        "isCaseSensitive": (details.is_case_sensitive),
        "isCurrency": (details.is_currency),
        "isSigned": (details.is_signed),
        "label": label,
        "name": name,
        "nullable": nullable,
        "precision": (details.precision),
        "scale": (details.scale),
        "schemaName": "",
        "tableName": (details.table.as_str()),
        "type": (details.type_code),
        "typeName": (details.type_name.as_str()),
    })
}
