//! `BatchPutItem` and `BatchDeleteItem`: items of several tables are put or deleted, each for itself.

use json::{Object, Value};

use super::Table;
use super::batch_get_item::typed_list;
use super::values::plain_members;
use crate::sources::request::Part;
use crate::sources::{Asking, SourceError};

/// What is done, and how DynamoDB and AppSync name what it is done with.
struct Kind {
    request: &'static str,
    member: &'static str,
    unprocessed: &'static str,
}

const PUT: Kind = Kind { request: "PutRequest", member: "Item", unprocessed: "unprocessedItems" };
const DELETE: Kind = Kind { request: "DeleteRequest", member: "Key", unprocessed: "unprocessedKeys" };

impl Table {
    /// `{"data": {TABLE: […]}, "unprocessedItems": {TABLE: […]}}`
    pub(super) async fn batch_put_item(
        &self,
        part: &Part<'_>,
        asking: Asking<'_>,
    ) -> Result<Value, SourceError> {
        self.batch_write_item(&PUT, part, asking).await
    }

    /// `{"data": {TABLE: […]}, "unprocessedKeys": {TABLE: […]}}`
    pub(super) async fn batch_delete_item(
        &self,
        part: &Part<'_>,
        asking: Asking<'_>,
    ) -> Result<Value, SourceError> {
        self.batch_write_item(&DELETE, part, asking).await
    }

    async fn batch_write_item(
        &self,
        kind: &Kind,
        part: &Part<'_>,
        asking: Asking<'_>,
    ) -> Result<Value, SourceError> {
        part.has_only(&["version", "operation", "tables"])?;
        let tables = part.required_part("tables")?;
        let mut asked = Vec::new();
        let mut requests = Object::new();
        for name in tables.members().keys() {
            let items = typed_list(tables.required_array(name)?, &tables.place(name))?;
            let of_item = |item: &Object| {
                let inner = Object::from_iter([(kind.member, item.clone())]);
                Value::from(Object::from_iter([(kind.request, inner)]))
            };
            requests.insert(name.clone(), items.iter().map(of_item).collect::<Value>());
            asked.push((name.clone(), items));
        }
        let input = json::value!({"RequestItems": requests});
        let output = self.simple_call("BatchWriteItem", input, asking).await?;
        let (mut data, mut unprocessed) = (Object::new(), Object::new());
        for (name, items) in asked {
            let left = output.get("UnprocessedItems").and_then(|tables| tables.get(&name));
            let left = kind.unprocessed(left);
            let done = |item: &Object| match left.contains(item) {
                true => Value::Null,
                false => plain_members(item).into(),
            };
            data.insert(name.clone(), items.iter().map(done).collect::<Value>());
            unprocessed
                .insert(name, left.iter().map(|item| Value::from(plain_members(item))).collect::<Value>());
        }
        let mut result = Object::from_iter([("data", data)]);
        result.insert(kind.unprocessed, unprocessed);
        Ok(result.into())
    }
}

impl Kind {
    /// What DynamoDB did not come to.
    fn unprocessed(&self, left: Option<&Value>) -> Vec<Object> {
        let left = left.and_then(Value::as_array).map(json::Array::as_slice).unwrap_or_default();
        let item = |request: &Value| request.get(self.request)?.get(self.member)?.as_object().cloned();
        left.iter().filter_map(item).collect()
    }
}
