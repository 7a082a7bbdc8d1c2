//! What a service adds to the language: `$util`, `$input` and whatever else is not a plain value.

use crate::error::Result;
use crate::heap::Heap;
use crate::value::{HostObject, Value};

/// Answers for the objects that a service binds as [`Value::Host`].
///
/// Arguments and results are values; lists and maps among them lie in `heap`, which also counts the
/// work. A host that wants to end the template (`$util.error`) keeps the reason and fails with
/// [`crate::Failure::ended`].
pub trait Host {
    /// The property `$object.name`, with its own further object perhaps. Null: there is none.
    fn property(&mut self, object: HostObject, name: &str, heap: &mut Heap) -> Result<Value> {
        let _ = (object, name, heap);
        Ok(Value::Null)
    }

    /// Calls `$object.method(arguments)`. `None`: there is no such method, or none with such arguments,
    /// and the reference means nothing.
    fn call(
        &mut self,
        object: HostObject,
        method: &str,
        arguments: &[Value],
        heap: &mut Heap,
    ) -> Result<Option<Value>>;
}

/// A host that has no objects.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHost;

impl Host for NoHost {
    fn call(&mut self, _: HostObject, _: &str, _: &[Value], _: &mut Heap) -> Result<Option<Value>> {
        Ok(None)
    }
}
