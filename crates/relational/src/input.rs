//! What a call asks for, read from its input. (The model's types are checked before.)

use std::collections::BTreeMap;

use json::Value;
use services::Fault;

use crate::connection::Whereabouts;
use crate::fault::refused;
use crate::field::Options;
use crate::parameter::Parameter;
use crate::sql::{Dialect, Statement, parse};

/// The name of the cluster that `resourceArn` names.
pub(crate) fn cluster(input: &Value) -> Result<&str, Fault> {
    let arn = text(input, "resourceArn").unwrap_or_default();
    let name = match arn.split(':').collect::<Vec<_>>()[..] {
        ["arn", _, "rds", _, _, "cluster", name] if !name.is_empty() => Some(name),
        _ => None,
    };
    name.ok_or_else(|| {
        refused(format!(
            "Invalid resourceArn {arn}: it has to look like arn:aws:rds:us-east-1:123456789012:cluster:name"
        ))
    })
}

/// The database and the schema that a call asks for.
pub(crate) fn whereabouts(input: &Value, dialect: Dialect) -> Result<Whereabouts, Fault> {
    let named = |name| text(input, name).filter(|text| !text.is_empty()).map(str::to_owned);
    let whereabouts = Whereabouts { database: named("database"), schema: named("schema") };
    if whereabouts.schema.is_some() && dialect == Dialect::MySql {
        return Err(refused(
            "Schema parameter isn't supported: MySQL has no schemas within databases; give database",
        ));
    }
    Ok(whereabouts)
}

/// The transaction that a call belongs to.
pub(crate) fn transaction(input: &Value) -> Option<&str> {
    text(input, "transactionId").filter(|id| !id.is_empty())
}

/// The statement.
pub(crate) fn statement(input: &Value, dialect: Dialect) -> Result<Statement, Fault> {
    let sql = text(input, "sql").unwrap_or_default();
    if sql.contains('\0') {
        return Err(refused("The statement has a zero byte in it"));
    }
    parse(sql, dialect).map_err(|complaint| refused(complaint.to_string()))
}

/// The values of all sets of a call take so much memory at most. A value counts as often as the statement names it, and MySQL
/// wants it as often.
const PARAMETERS_BYTES_MAX: usize = 16 << 20;

/// The values of a statement's parameters, in its order, from lists of SqlParameters: one set for each.
pub(crate) fn parameters<'v>(
    lists: impl IntoIterator<Item = Option<&'v Value>>,
    statement: &Statement,
) -> Result<Vec<Vec<Parameter>>, Fault> {
    let mut left = PARAMETERS_BYTES_MAX;
    lists.into_iter().map(|list| set(list, statement, &mut left)).collect()
}

fn set(list: Option<&Value>, statement: &Statement, left: &mut usize) -> Result<Vec<Parameter>, Fault> {
    let given = list.and_then(Value::as_array).map(|list| list.as_slice()).unwrap_or_default();
    let mut read = BTreeMap::new();
    for parameter in given {
        let name = text(parameter, "name").unwrap_or_default();
        let value = Parameter::read(parameter)?;
        // AppSync and some clients write the colon, too. The first one of a name counts.
        read.entry(name.strip_prefix(':').unwrap_or(name)).or_insert(value);
    }
    let mut value = |name: &String| {
        // AWS's words. (aurora-data-api, data-api-client: their reports show them)
        let value =
            read.get(name.as_str()).ok_or_else(|| refused(format!("Cannot find parameter: {name}")))?;
        *left = left.checked_sub(value.memory()).ok_or_else(|| {
            refused(format!(
                "The values of the statement's parameters take more than {PARAMETERS_BYTES_MAX} bytes, each as often as it is \
                 named: send fewer at once"
            ))
        })?;
        Ok(value.clone())
    };
    statement.names.iter().map(&mut value).collect()
}

/// How numbers are written. (`resultSetOptions`)
pub(crate) fn options(input: &Value) -> Options {
    let asked = |name: &str| input.get("resultSetOptions").and_then(|options| text(options, name));
    Options {
        decimals_are_numbers: asked("decimalReturnType") == Some("DOUBLE_OR_LONG"),
        longs_are_texts: asked("longReturnType") == Some("STRING"),
    }
}

/// Whether a member is there and true.
pub(crate) fn is_set(input: &Value, name: &str) -> bool {
    input.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// A member that is a text.
pub(crate) fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}
