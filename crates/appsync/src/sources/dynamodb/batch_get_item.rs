//! `BatchGetItem`: items of several tables, in the order of their keys, null where there is none.

use json::{Object, Text, Value};

use super::Table;
use super::expressions::Placeholders;
use super::values::{plain_members, typed_members};
use crate::sources::request::Part;
use crate::sources::{Asking, SourceError};

/// What is asked of one table.
struct Asked {
    keys: Vec<Object>,
    input: Object,
    /// Attributes of the keys that are asked for only to know which item is which.
    hidden: Vec<Text>,
}

impl Table {
    /// `{"data": {TABLE: […]}, "unprocessedKeys": {TABLE: […]}}`
    pub(super) async fn batch_get_item(
        &self,
        part: &Part<'_>,
        asking: Asking<'_>,
    ) -> Result<Value, SourceError> {
        part.has_only(&["version", "operation", "tables"])?;
        let tables = part.required_part("tables")?;
        let mut asked = Vec::new();
        let mut items = Object::new();
        for name in tables.members().keys() {
            let table = Asked::read(&tables, name)?;
            items.insert(name.clone(), table.input.clone());
            asked.push((name.clone(), table));
        }
        let input = json::value!({"RequestItems": items});
        let output = self.simple_call("BatchGetItem", input, asking).await?;
        let (mut data, mut unprocessed) = (Object::new(), Object::new());
        for (name, table) in asked {
            let found = output.get("Responses").and_then(|tables| tables.get(&name));
            let left = output.get("UnprocessedKeys").and_then(|tables| tables.get(&name));
            data.insert(name.clone(), table.in_order(found));
            unprocessed.insert(name, plain_list(left.and_then(|left| left.get("Keys"))));
        }
        Ok(json::value!({"data": data, "unprocessedKeys": unprocessed}))
    }
}

impl Asked {
    /// `{"keys", "consistentRead", "projection"}`, or the keys alone.
    fn read(tables: &Part<'_>, name: &str) -> Result<Asked, SourceError> {
        if tables.get(name).is_some_and(Value::is_array) {
            let keys = typed_list(tables.required_array(name)?, &tables.place(name))?;
            let input =
                Object::from_iter([("Keys", keys.iter().cloned().map(Value::from).collect::<Value>())]);
            return Ok(Asked { keys, input, hidden: Vec::new() });
        }
        let table = tables.required_part(name)?;
        table.has_only(&["keys", "consistentRead", "projection"])?;
        let keys = typed_list(table.required_array("keys")?, &table.place("keys"))?;
        let mut input = Object::new();
        input.insert("Keys", keys.iter().cloned().map(Value::from).collect::<Value>());
        if let Some(is_consistent) = table.flag("consistentRead")? {
            input.insert("ConsistentRead", is_consistent);
        }
        let mut asked = Asked { keys, input, hidden: Vec::new() };
        if let Some(projection) = table.part("projection")? {
            asked.project(&projection)?;
        }
        Ok(asked)
    }

    /// A projection, with the attributes of the keys beside it.
    fn project(&mut self, part: &Part<'_>) -> Result<(), SourceError> {
        part.has_only(&["expression", "expressionNames"])?;
        let mut placeholders = Placeholders::read(part)?;
        let mut expression = part.required_text("expression")?.to_owned();
        let asked: Vec<String> = expression
            .split(',')
            .map(|path| path.trim().split(['.', '[']).next().unwrap_or_default())
            .map(|word| placeholders.name(word).to_owned())
            .collect();
        let attributes = self.keys.first().into_iter().flat_map(Object::keys);
        for (number, attribute) in
            attributes.enumerate().filter(|(_, name)| !asked.contains(&name.to_string()))
        {
            let placeholder = format!("#appsync_key_{number}");
            expression.push_str(", ");
            expression.push_str(&placeholder);
            placeholders.names.insert(placeholder, attribute.clone());
            self.hidden.push(attribute.clone());
        }
        self.input.insert("ProjectionExpression", expression);
        placeholders.put_into(&mut self.input);
        Ok(())
    }

    /// The items that were found, each in the place of its key.
    fn in_order(&self, found: Option<&Value>) -> Value {
        let found = found.and_then(Value::as_array).map(json::Array::as_slice).unwrap_or_default();
        let found: Vec<&Object> = found.iter().filter_map(Value::as_object).collect();
        let of_key = |key: &Object| {
            let has = |item: &&&Object| key.iter().all(|(name, value)| is_same(item.get(name), value));
            found.iter().find(has).map(|item| {
                let mut plain = plain_members(item);
                for name in &self.hidden {
                    plain.remove(name);
                }
                Value::from(plain)
            })
        };
        self.keys.iter().map(|key| of_key(key).unwrap_or_default()).collect()
    }
}

/// Numbers are the same however they are written: 1.0 is 1.
fn is_same(known: Option<&Value>, value: &Value) -> bool {
    known.is_some_and(|known| known == value || super::values::plain(known) == super::values::plain(value))
}

/// Typed objects of a list: keys, items.
pub(super) fn typed_list(list: &[Value], place: &str) -> Result<Vec<Object>, SourceError> {
    let items = list.iter().enumerate();
    items.map(|(number, item)| typed_members(&Part::at(item, format!("{place}[{number}]"))?)).collect()
}

/// Typed objects of DynamoDB as plain JSON.
fn plain_list(list: Option<&Value>) -> Value {
    let list = list.and_then(Value::as_array).map(json::Array::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_object).map(|item| Value::from(plain_members(item))).collect()
}
