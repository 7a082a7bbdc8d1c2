//! `util.rds`: what the RDS Data API answers, as rows.

use json::{Object, Text, Value};

/// MySQL's limit, the larger one. A column's label is looked for among those before it.
const COLUMNS_MAX: usize = 4096;

/// `toJsonObject`: for each statement its rows, whose members are the columns' labels. Null columns are
/// left out, and a statement without rows gives one empty row, as recorded of the service.
pub fn rows(answer: &Value) -> Result<Value, String> {
    let results = answer.get("sqlStatementResults").and_then(Value::as_array);
    let results = results.ok_or("The result of RDS has no list sqlStatementResults")?;
    results.iter().map(of_statement).collect()
}

/// As [`rows`], of the answer's text.
pub fn rows_of_text(text: &str) -> Result<Value, String> {
    rows(&Value::parse(text).map_err(|error| format!("The result of RDS is no JSON: {error}"))?)
}

fn of_statement(result: &Value) -> Result<Value, String> {
    let Some(records) = result.get("records").and_then(Value::as_array) else {
        return Ok(Value::from(vec![Value::from(Object::new())]));
    };
    let columns = result.get("columnMetadata").and_then(Value::as_array);
    let column = |index: usize| {
        let column = columns.and_then(|columns| columns.get(index))?;
        ["label", "name"].iter().find_map(|name| column.get(name).and_then(Value::as_str)).map(Text::from)
    };
    let row = |record: &Value| {
        let cells = record.as_array().ok_or_else(|| "A record of the result is no list".to_owned())?;
        if cells.len() > COLUMNS_MAX {
            return Err(format!("A record of the result has more than {COLUMNS_MAX} columns"));
        }
        let mut row = Object::with_capacity(cells.len());
        for (index, cell) in cells.iter().enumerate() {
            let Some(value) = content(cell) else { continue };
            let name =
                column(index).ok_or_else(|| format!("There is no columnMetadata of column {index}"))?;
            row.insert(name, value);
        }
        Ok(Value::from(row))
    };
    records.iter().map(row).collect()
}

/// The value in a cell such as `{"longValue": 1}`; nothing in one that is null.
fn content(cell: &Value) -> Option<Value> {
    let (kind, value) = cell.as_object()?.iter().next()?;
    match kind.as_str() {
        "isNull" => None,
        "arrayValue" => Some(array(value)),
        _ => Some(value.clone()),
    }
}

fn array(value: &Value) -> Value {
    let first = value.as_object().and_then(|members| members.iter().next());
    match first {
        Some((kind, Value::Array(items))) if kind == "arrayValues" => items.iter().map(array).collect(),
        Some((_, values)) => values.clone(),
        None => Value::Null,
    }
}
