//! What a call asks for, read from its input. (The model's types are checked before.)

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

/// The values of a statement's parameters, in its order, from a list of SqlParameters.
pub(crate) fn parameters(list: Option<&Value>, statement: &Statement) -> Result<Vec<Parameter>, Fault> {
    let given = list.and_then(Value::as_array).map(|list| list.as_slice()).unwrap_or_default();
    let mut read = Vec::with_capacity(given.len());
    for parameter in given {
        let name = text(parameter, "name").unwrap_or_default();
        // AppSync and some clients write the colon, too.
        read.push((name.strip_prefix(':').unwrap_or(name), Parameter::read(parameter)?));
    }
    let value = |name: &String| {
        let found = read.iter().find(|(given, _)| given == name);
        // AWS's words. (aurora-data-api, data-api-client: their reports show them)
        found.map(|(_, value)| value.clone()).ok_or_else(|| refused(format!("Cannot find parameter: {name}")))
    };
    statement.names.iter().map(value).collect()
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
