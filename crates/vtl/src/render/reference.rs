//! What a reference means, and where `#set` puts a value.

use super::Renderer;
use crate::ast::{Reference, Step};
use crate::error::Result;
use crate::methods;
use crate::value::Value;

impl Renderer<'_> {
    /// The value of a reference; if it has none, null or what the dialect has for that.
    pub(crate) fn reference(&mut self, reference: &Reference) -> Result<Value> {
        self.heap.meter.steps(1)?;
        let mut value = self.variable(reference.root)?;
        for step in &reference.steps {
            if value.is_null() {
                break;
            }
            value = self.step(&value, step)?;
        }
        Ok(if value.is_null() && self.dialect.null_is_empty { Value::from("") } else { value })
    }

    fn step(&mut self, value: &Value, step: &Step) -> Result<Value> {
        self.heap.meter.steps(1)?;
        match step {
            Step::Property(name) => match value {
                Value::Host(object) => self.host.property(*object, name, self.heap),
                _ => methods::property(self.heap, value, name),
            },
            Step::Index(index) => {
                self.heap.meter.descend()?;
                let index = self.evaluate(index)?;
                self.heap.meter.rise();
                methods::index(self.heap, value, &index)
            }
            Step::Method(name, arguments) => {
                self.heap.meter.descend()?;
                let result = match &**arguments {
                    [] => self.invoke(value, name, &[])?,
                    [one] => {
                        let one = self.evaluate(one)?;
                        self.invoke(value, name, &[one])?
                    }
                    more => {
                        let more = more.iter().map(|one| self.evaluate(one)).collect::<Result<Vec<_>>>()?;
                        self.invoke(value, name, &more)?
                    }
                };
                self.heap.meter.rise();
                Ok(result)
            }
        }
    }

    fn invoke(&mut self, value: &Value, name: &str, arguments: &[Value]) -> Result<Value> {
        let result = match value {
            Value::Host(object) => self.host.call(*object, name, arguments, self.heap)?,
            _ => methods::call(self.heap, value, name, arguments)?,
        };
        Ok(result.unwrap_or_default())
    }

    /// `#set`: a variable, a key of a map, an item of a list. What cannot be set is left alone, as
    /// Velocity does.
    pub(crate) fn assign(&mut self, target: &Reference, value: Value) -> Result<()> {
        let Some((last, before)) = target.steps.split_last() else {
            return self.set_variable(target.root, value);
        };
        let mut owner = self.variable(target.root)?;
        for step in before {
            owner = self.step(&owner, step)?;
        }
        let Value::Object(handle) = owner else { return Ok(()) };
        match last {
            Step::Property(name) => {
                self.heap.put(handle, Value::Text(name.clone()), value)?;
            }
            Step::Index(index) => {
                let index = self.evaluate(index)?;
                match (self.heap.items(&owner)?, &index) {
                    (Some(items), Value::Int(index)) => {
                        let place = methods::place(*index, items.len())?;
                        items[place] = value;
                    }
                    (Some(_), _) => {}
                    (None, _) => {
                        self.heap.put(handle, index, value)?;
                    }
                }
            }
            Step::Method(..) => {}
        }
        Ok(())
    }
}
