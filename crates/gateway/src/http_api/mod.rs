//! stub
use crate::control::Work;
use crate::fault::Fault;
use json::Value;
#[derive(Debug)]
pub(crate) struct Compiled;
pub(crate) fn perform(_: &str, _: &Value, _: &mut Work<'_, '_>) -> Result<Value, Fault> { Err(Fault::bad("stub")) }
