//! JSON into QuickJS and back, as objects: text in between would cost ten times as much.

use json::{Object, Text, Value};
use rquickjs::atom::PredefinedAtom;
use rquickjs::function::This;
use rquickjs::{
    Array, Atom, Ctx, Filter, Function, Object as JsObject, Result, String as JsString, Value as JsValue,
};

/// Deeper values are refused, cyclic ones with them.
const DEPTH_MAX: usize = 200;
/// More values than fit into AppSync's 5 MB.
const NODES_MAX: usize = 2_500_000;
/// The same for texts and names.
const BYTES_MAX: usize = 5 << 20;

/// Makes QuickJS's value of ours. Integers beyond 2⁵³ lose digits, as every number of the language does.
pub fn to_js<'js>(ctx: &Ctx<'js>, value: &Value) -> Result<JsValue<'js>> {
    Writer { ctx, names: Vec::new() }.write(value)
}

/// Names of the last object, by their places. The objects of a list have the same names mostly: each is looked up once.
type Names<'js> = Vec<(Text, Atom<'js>)>;

/// Objects have few members mostly; names behind these are looked up each time.
const NAMES_MAX: usize = 64;

struct Writer<'c, 'js> {
    ctx: &'c Ctx<'js>,
    names: Names<'js>,
}

impl<'js> Writer<'_, 'js> {
    fn write(&mut self, value: &Value) -> Result<JsValue<'js>> {
        let ctx = self.ctx;
        Ok(match value {
            Value::Null => JsValue::new_null(ctx.clone()),
            Value::Bool(bool) => JsValue::new_bool(ctx.clone(), *bool),
            Value::Int(int) => match i32::try_from(*int) {
                Ok(int) => JsValue::new_int(ctx.clone(), int),
                Err(_) => JsValue::new_float(ctx.clone(), *int as f64),
            },
            Value::Float(float) => JsValue::new_number(ctx.clone(), *float),
            Value::Big(digits) => JsValue::new_number(ctx.clone(), digits.parse().unwrap_or(f64::INFINITY)),
            Value::String(text) => JsString::from_str(ctx.clone(), text)?.into_value(),
            Value::Array(items) => {
                let array = Array::new(ctx.clone())?;
                for (index, item) in items.iter().enumerate() {
                    array.set(index, self.write(item)?)?;
                }
                array.into_value()
            }
            Value::Object(object) => {
                let out = JsObject::new(ctx.clone())?;
                for (place, (name, value)) in object.iter().enumerate() {
                    let atom = self.atom(place, name)?;
                    out.set(atom, self.write(value)?)?;
                }
                out.into_value()
            }
        })
    }

    fn atom(&mut self, place: usize, name: &Text) -> Result<Atom<'js>> {
        if let Some((last, atom)) = self.names.get(place)
            && last == name
        {
            return Ok(atom.clone());
        }
        let atom = Atom::from_str(self.ctx.clone(), name)?;
        keep(&mut self.names, place, name, &atom);
        Ok(atom)
    }
}

fn keep<'js>(names: &mut Names<'js>, place: usize, name: &Text, atom: &Atom<'js>) {
    if let Some(kept) = names.get_mut(place) {
        *kept = (name.clone(), atom.clone());
    } else if place == names.len() && place < NAMES_MAX {
        names.push((name.clone(), atom.clone()));
    }
}

/// As [`object_to_js`], but only the members of these names are made; `later` stands in place of the others that are worth it.
pub fn members_to_js<'js>(
    ctx: &Ctx<'js>,
    object: &Object,
    wanted: &[&str],
    later: &JsValue<'js>,
) -> Result<JsObject<'js>> {
    let out = JsObject::new(ctx.clone())?;
    for (name, value) in object.iter() {
        let is_small = !matches!(value, Value::Object(_) | Value::Array(_) | Value::String(_));
        if is_small || wanted.contains(&name.as_str()) {
            out.set(name.as_str(), to_js(ctx, value)?)?;
        } else {
            out.set(name.as_str(), later.clone())?;
        }
    }
    Ok(out)
}

/// What went wrong on the way back.
pub enum Refused {
    /// The value has no JSON, or too much of it; the message says why.
    Value(String),
    /// JavaScript threw.
    Thrown(rquickjs::Error),
}

impl From<rquickjs::Error> for Refused {
    fn from(error: rquickjs::Error) -> Refused {
        Refused::Thrown(error)
    }
}

/// Makes our value of QuickJS's, as `JSON.stringify` and parsing would: what has no JSON is left out of
/// objects and null in lists, dates are their ISO texts. `None`: undefined, or a function.
pub fn from_js(value: &JsValue) -> std::result::Result<Option<Value>, Refused> {
    Reader { nodes: 0, bytes: 0, names: Vec::new() }.read(value, 0)
}

struct Reader<'js> {
    nodes: usize,
    bytes: usize,
    names: Names<'js>,
}

impl<'js> Reader<'js> {
    fn read(&mut self, value: &JsValue<'js>, depth: usize) -> std::result::Result<Option<Value>, Refused> {
        self.nodes += 1;
        if depth > DEPTH_MAX {
            return Err(Refused::Value(format!(
                "The value nests more than {DEPTH_MAX} levels, or holds itself"
            )));
        }
        if self.nodes > NODES_MAX || self.bytes > BYTES_MAX {
            return Err(Refused::Value(format!("The value is larger than {BYTES_MAX} bytes")));
        }
        if let Some(int) = value.as_int() {
            return Ok(Some(Value::Int(int.into())));
        }
        if let Some(float) = value.as_float() {
            return Ok(Some(number(float)));
        }
        if let Some(text) = value.as_string() {
            return Ok(Some(Value::String(self.text(text)?)));
        }
        if let Some(bool) = value.as_bool() {
            return Ok(Some(Value::Bool(bool)));
        }
        if let Some(array) = value.as_array() {
            let mut items = Vec::new();
            for index in 0..array.len() {
                let item: JsValue = array.get(index)?;
                items.push(self.read(&item, depth + 1)?.unwrap_or_default());
            }
            return Ok(Some(Value::from(items)));
        }
        if value.is_null() {
            return Ok(Some(Value::Null));
        }
        if value.is_function() {
            return Ok(None);
        }
        match value.as_object() {
            Some(object) => self.object(object, depth),
            None => Ok(None),
        }
    }

    fn object(
        &mut self,
        object: &JsObject<'js>,
        depth: usize,
    ) -> std::result::Result<Option<Value>, Refused> {
        let members = object.own_props::<Atom, JsValue>(Filter::default());
        // Dates have the method, and no members of their own.
        if members.len() == 0
            && let Some(method) = object.get::<_, JsValue>(PredefinedAtom::ToJSON)?.as_function()
        {
            return self.of_method(method, object, depth);
        }
        let mut out = Vec::with_capacity(members.len());
        for (place, entry) in members.enumerate() {
            let (atom, value) = entry?;
            if let Some(method) = value.as_function() {
                if self.name(place, &atom)? == "toJSON" {
                    return self.of_method(method, object, depth);
                }
            } else if let Some(value) = self.read(&value, depth + 1)? {
                out.push((self.name(place, &atom)?, value));
            }
        }
        Ok(Some(Object::of_members(out).into()))
    }

    /// What an object's `toJSON` makes of it.
    fn of_method(
        &mut self,
        method: &Function<'js>,
        object: &JsObject<'js>,
        depth: usize,
    ) -> std::result::Result<Option<Value>, Refused> {
        let made: JsValue = method.call((This(object.clone()),))?;
        self.read(&made, depth + 1)
    }

    fn name(&mut self, place: usize, atom: &Atom<'js>) -> std::result::Result<Text, Refused> {
        if let Some((name, last)) = self.names.get(place)
            && last == atom
        {
            self.bytes += name.len();
            return Ok(name.clone());
        }
        let name = self.text(&atom.to_js_string()?)?;
        keep(&mut self.names, place, &name, atom);
        Ok(name)
    }

    /// A lone surrogate becomes U+FFFD.
    fn text(&mut self, text: &JsString) -> std::result::Result<Text, Refused> {
        let text = match text.to_string() {
            Ok(text) => text,
            // Somebody has cut a text within a pair.
            Err(rquickjs::Error::Utf8(_)) => {
                let whole: rquickjs::Function = text.ctx().eval("(text) => text.toWellFormed()")?;
                whole.call::<_, JsString>((text.clone(),))?.to_string()?
            }
            Err(error) => return Err(error.into()),
        };
        self.bytes += text.len();
        Ok(text.into())
    }
}

/// Whether a value comes back from JavaScript as it went in, name by name: no number that doubles cannot hold, no
/// names that stand for places, which go first there.
pub fn is_unchanged(value: &Value) -> bool {
    let mut left = BYTES_MAX;
    is_same(value, 0, &mut left)
}

fn is_same(value: &Value, depth: usize, left: &mut usize) -> bool {
    let mut takes = |bytes: usize| {
        let fits = bytes <= *left && depth <= DEPTH_MAX;
        *left = left.saturating_sub(bytes);
        fits
    };
    let is_name =
        |name: &Text| name != "__proto__" && !name.starts_with(|first: char| first.is_ascii_digit());
    match value {
        Value::Null | Value::Bool(_) => takes(1),
        Value::Int(int) => takes(1) && int.unsigned_abs() < 1 << 53,
        Value::Float(float) => takes(1) && float.is_finite() && float.fract() != 0.0,
        Value::Big(_) => false,
        Value::String(text) => takes(text.len() + 1),
        Value::Array(items) => takes(1) && items.iter().all(|item| is_same(item, depth + 1, left)),
        Value::Object(object) => {
            let mut members = object.iter();
            takes(1) && members.all(|(name, value)| is_name(name) && is_same(value, depth + 1, left))
        }
    }
}

/// An integral number is an integer as long as doubles count exactly; what is no number is null.
fn number(float: f64) -> Value {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    if !float.is_finite() {
        Value::Null
    } else if float.fract() == 0.0 && float.abs() <= EXACT_MAX {
        Value::Int(float as i64)
    } else {
        Value::Float(float)
    }
}
