//! `$util`: text in other forms.

use json::Text;

use crate::equal::Class;
use crate::error::{Failure, Result};
use crate::heap::{Form, Heap};
use crate::text;
use crate::value::Value;

pub(super) fn call(
    heap: &mut Heap,
    method: &str,
    arguments: &[Value],
    lenient: bool,
) -> Result<Option<Value>> {
    let [argument] = arguments else { return Ok(None) };
    let structured = matches!(heap.class(argument), Class::List | Class::Map);
    let given = match method {
        "escapeJavaScript" if lenient && structured => Text::from(heap.json_text(argument)?),
        _ => heap.text(argument)?,
    };
    // No form is more than six times as long.
    heap.meter.bytes(given.len() * 6)?;
    Ok(Some(Value::from(match method {
        "escapeJavaScript" => text::escape_java_script(&given),
        "urlEncode" => text::url_encode(&given),
        "urlDecode" => text::url_decode(&given).ok_or_else(|| {
            Failure::method("$util.urlDecode found a % without two hexadecimal digits: give it encoded text")
        })?,
        "base64Encode" => text::base64_encode(given.as_bytes()),
        "base64Decode" => {
            let bytes = text::base64_decode(&given)
                .ok_or_else(|| Failure::method("$util.base64Decode was given something else than base 64"))?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        "parseJson" => {
            heap.meter.steps(given.len() as u64 / 16)?;
            let parsed = json::Value::parse(&given).map_err(|error| {
                Failure::method(format!("$util.parseJson was given something else than JSON: {error}"))
            })?;
            return heap.from_json(&parsed, Form::Json).map(Some);
        }
        _ => return Ok(None),
    })))
}
