//! The built-in functions: JSONata's, without `$eval`, and AWS's additions.
//!
//! Never here: what the function is called with beyond its arguments; signatures are checked before.

mod aggregate;
mod array;
mod aws;
mod boolean;
mod encoding;
mod format_integer;
mod format_number;
mod higher_order;
mod integer_words;
mod number;
mod object;
mod search;
mod string;
mod time;

use std::sync::OnceLock;

use json::Text;

use crate::error::Result;
use crate::evaluate::Evaluator;
use crate::item::Item;
use crate::signature::Signature;

/// A function that exists without being defined.
pub(crate) struct Builtin {
    pub(crate) name: &'static str,
    signature: &'static str,
    /// How many arguments it uses as a callback.
    pub(crate) arity: usize,
    /// Arguments have passed the signature; the last one is the context.
    pub(crate) run: Run,
    parsed: OnceLock<Signature>,
}

type Run = for<'a> fn(&Evaluator<'a>, &[Item<'a>], &Item<'a>) -> Result<Item<'a>>;

const fn builtin(name: &'static str, signature: &'static str, arity: usize, run: Run) -> Builtin {
    Builtin { name, signature, arity, run, parsed: OnceLock::new() }
}

/// In alphabetical order.
static TABLE: [Builtin; 69] = [
    builtin("abs", "<n-:n>", 1, number::abs),
    builtin("append", "<xx:a>", 2, array::append),
    builtin("assert", "<bs?:x>", 2, boolean::assert),
    builtin("average", "<a<n>:n>", 1, aggregate::average),
    builtin("base64decode", "<s-:s>", 1, encoding::base64_decode),
    builtin("base64encode", "<s-:s>", 1, encoding::base64_encode),
    builtin("boolean", "<x-:b>", 1, boolean::boolean),
    builtin("ceil", "<n-:n>", 1, number::ceil),
    builtin("clone", "<(oa)-:o>", 1, object::clone),
    builtin("contains", "<s-(sf):b>", 2, search::contains),
    builtin("count", "<a:n>", 1, aggregate::count),
    builtin("decodeUrl", "<s-:s>", 1, encoding::decode_url),
    builtin("decodeUrlComponent", "<s-:s>", 1, encoding::decode_url_component),
    builtin("distinct", "<x:x>", 1, array::distinct),
    builtin("each", "<o-f:a>", 2, higher_order::each),
    builtin("encodeUrl", "<s-:s>", 1, encoding::encode_url),
    builtin("encodeUrlComponent", "<s-:s>", 1, encoding::encode_url_component),
    builtin("error", "<s?:x>", 1, boolean::error),
    builtin("exists", "<x:b>", 1, boolean::exists),
    builtin("filter", "<af>", 2, higher_order::filter),
    builtin("floor", "<n-:n>", 1, number::floor),
    builtin("formatBase", "<n-n?:s>", 2, number::format_base),
    builtin("formatInteger", "<n-s:s>", 2, format_integer::format_integer),
    builtin("formatNumber", "<n-so?:s>", 3, format_number::format_number),
    builtin("fromMillis", "<n-s?s?:s>", 3, time::from_millis),
    builtin("hash", "<s-s:s>", 2, aws::hash),
    builtin("join", "<a<s>s?:s>", 2, string::join),
    builtin("keys", "<x-:a<s>>", 1, object::keys),
    builtin("length", "<s-:n>", 1, string::length),
    builtin("lookup", "<x-s:x>", 2, object::lookup),
    builtin("lowercase", "<s-:s>", 1, string::lowercase),
    builtin("map", "<af>", 2, higher_order::map),
    builtin("match", "<s-f<s:o>n?:a<o>>", 3, search::find),
    builtin("max", "<a<n>:n>", 1, aggregate::max),
    builtin("merge", "<a<o>:o>", 1, object::merge),
    builtin("millis", "<:n>", 0, time::millis),
    builtin("min", "<a<n>:n>", 1, aggregate::min),
    builtin("not", "<x-:b>", 1, boolean::not),
    builtin("now", "<s?s?:s>", 2, time::now),
    builtin("number", "<(nsb)-:n>", 1, number::number),
    builtin("pad", "<s-ns?:s>", 3, string::pad),
    builtin("parse", "<s-:x>", 1, aws::parse),
    builtin("parseInteger", "<s-s:n>", 2, format_integer::parse_integer),
    builtin("partition", "<an:a>", 2, aws::partition),
    builtin("power", "<n-n:n>", 2, number::power),
    builtin("random", "<n?:n>", 0, aws::random),
    builtin("range", "<nnn:a>", 3, aws::range),
    builtin("reduce", "<afj?:j>", 3, higher_order::reduce),
    builtin("replace", "<s-(sf)(sf)n?:s>", 4, search::replace),
    builtin("reverse", "<a:a>", 1, array::reverse),
    builtin("round", "<n-n?:n>", 2, number::round),
    builtin("shuffle", "<a:a>", 1, array::shuffle),
    builtin("sift", "<o-f?:o>", 2, higher_order::sift),
    builtin("single", "<af?>", 2, higher_order::single),
    builtin("sort", "<af?:a>", 2, array::sort),
    builtin("split", "<s-(sf)n?:a<s>>", 3, search::split),
    builtin("spread", "<x-:a<o>>", 1, object::spread),
    builtin("sqrt", "<n-:n>", 1, number::sqrt),
    builtin("string", "<x-b?:s>", 1, string::string),
    builtin("substring", "<s-nn?:s>", 3, string::substring),
    builtin("substringAfter", "<s-s:s>", 2, string::substring_after),
    builtin("substringBefore", "<s-s:s>", 2, string::substring_before),
    builtin("sum", "<a<n>:n>", 1, aggregate::sum),
    builtin("toMillis", "<s-s?:n>", 2, time::to_millis),
    builtin("trim", "<s-:s>", 1, string::trim),
    builtin("type", "<x:s>", 1, boolean::type_name),
    builtin("uppercase", "<s-:s>", 1, string::uppercase),
    builtin("uuid", "<:s>", 0, aws::uuid),
    builtin("zip", "<a+>", 0, array::zip),
];

/// The function `$name`.
pub(crate) fn find(name: &str) -> Option<&'static Builtin> {
    let place = TABLE.binary_search_by(|builtin| builtin.name.cmp(name)).ok()?;
    Some(&TABLE[place])
}

/// Its signature, read at first use.
pub(crate) fn signature(builtin: &'static Builtin) -> &'static Signature {
    builtin.parsed.get_or_init(|| match Signature::parse(builtin.signature) {
        Ok(signature) => signature,
        Err((code, message)) => unreachable!("the signature of ${} is wrong: {code} {message}", builtin.name),
    })
}

/// The argument at `index` as a text.
fn text<'x>(arguments: &'x [Item<'_>], index: usize) -> Option<&'x Text> {
    arguments.get(index)?.as_text()
}

/// The argument at `index` as a number.
fn number(arguments: &[Item<'_>], index: usize) -> Option<f64> {
    arguments.get(index)?.as_number()
}

/// The argument at `index`, or nothing.
fn item<'a>(arguments: &[Item<'a>], index: usize) -> Item<'a> {
    arguments.get(index).cloned().unwrap_or_default()
}

/// A number as a count: without its fraction, which AWS drops wherever an integer is wanted.
fn whole(number: f64) -> i64 {
    // The cast stops at the ends of i64 and makes NaN 0.
    number.trunc() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(TABLE.windows(2).all(|pair| pair[0].name < pair[1].name));
        TABLE.iter().for_each(|builtin| assert!(Signature::parse(builtin.signature).is_ok()));
    }

    #[test]
    fn eval_is_refused() {
        assert!(find("eval").is_none());
    }
}
