//! `TransactWriteItems`: writes and checks of several items, all or none.

use json::{Object, Value};
use services::Members;

use super::expressions::{Input, Placeholders};
use super::put_item::item_with_key;
use super::values::{plain_item, plain_members, typed_members};
use super::write::Update;
use super::{NAMED, Table};
use crate::outside::Trouble;
use crate::sources::request::{Part, unsupported_operation};
use crate::sources::{Asking, SourceError};

/// A write or a check, read.
struct Item {
    key: Object,
    /// `{"Put": …}`
    input: Value,
}

impl Table {
    /// `{"keys": […], "cancellationReasons": null}`
    pub(super) async fn transact_write_items(
        &self,
        part: &Part<'_>,
        asking: Asking<'_>,
    ) -> Result<Value, SourceError> {
        part.has_only(&["version", "operation", "transactItems"])?;
        let (mut keys, mut writes) = (Vec::new(), Vec::new());
        for (number, item) in part.required_array("transactItems")?.iter().enumerate() {
            let Item { key, input } = Item::read(&Part::at(item, format!("$[transactItems][{number}]"))?)?;
            keys.push(Value::from(plain_members(&key)));
            writes.push(input);
        }
        let input = json::value!({"TransactItems": writes});
        let output = self.call("TransactWriteItems", input, asking).await;
        output.map_err(|trouble| cancelled("keys", &trouble))?;
        Ok(json::value!({"keys": keys, "cancellationReasons": null}))
    }
}

impl Item {
    fn read(part: &Part<'_>) -> Result<Item, SourceError> {
        let mut input = Input::of_table(&part.required_text("table")?.into());
        let key = typed_members(&part.required_part("key")?)?;
        let (name, known): (_, &[&str]) = match part.required_text("operation")? {
            "PutItem" => {
                input.set("Item", item_with_key(part, &key)?);
                ("Put", &["table", "operation", "key", "condition", "attributeValues"])
            }
            "UpdateItem" => {
                let update = Update::read(&part.required_part("update")?)?;
                input.set("Key", key.clone());
                input.set("UpdateExpression", update.expression);
                input.add(&update.placeholders)?;
                ("Update", &["table", "operation", "key", "condition", "update"])
            }
            "DeleteItem" => {
                input.set("Key", key.clone());
                ("Delete", &["table", "operation", "key", "condition"])
            }
            "ConditionCheck" => {
                part.required_part("condition")?;
                input.set("Key", key.clone());
                ("ConditionCheck", &["table", "operation", "key", "condition"])
            }
            other => return Err(unsupported_operation(other)),
        };
        part.has_only(known)?;
        if let Some(condition) = part.part("condition")? {
            read_condition(&mut input, &condition)?;
        }
        Ok(Item { key, input: Object::from_iter([(name, input.finish())]).into() })
    }
}

fn read_condition(input: &mut Input, part: &Part<'_>) -> Result<(), SourceError> {
    const RETURNS: &str = "returnValuesOnConditionCheckFailure";
    part.has_only(&["expression", "expressionNames", "expressionValues", RETURNS])?;
    let returns = part.flag(RETURNS)?.unwrap_or(true);
    input.set("ConditionExpression", part.required_text("expression")?);
    input.add(&Placeholders::read(part)?)?;
    input.set("ReturnValuesOnConditionCheckFailure", if returns { "ALL_OLD" } else { "NONE" });
    Ok(())
}

/// A transaction that did not happen. Why, the result says too, in the order of the items.
pub(super) fn cancelled(nothing: &str, trouble: &Trouble) -> SourceError {
    let error = NAMED.error(trouble);
    let Some(reasons) = trouble.members.get("CancellationReasons").and_then(Value::as_array) else {
        return error;
    };
    let reasons: Value = reasons.iter().map(reason).collect();
    let mut data = Object::from_iter([(nothing, Value::Null)]);
    data.insert("cancellationReasons", reasons);
    SourceError { data: data.into(), ..error }
}

fn reason(reason: &Value) -> Value {
    let code = reason.text("Code").unwrap_or("None");
    json::value!({
        "item": (plain_item(reason.get("Item"))),
        "type": code,
        "message": (reason.text("Message").unwrap_or(code)),
    })
}
