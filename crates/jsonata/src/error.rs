//! What can go wrong, with the codes and the words that AWS shows.
//!
//! Never here: AWS's sentence around them (`The JSONata expression '…' threw an error …`): a caller
//! knows the field.

use std::fmt;

/// Why a text is not an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// JSONata's code, such as `S0201`.
    pub code: &'static str,
    /// What is wrong, without the code.
    pub message: String,
    /// The byte of the text where the trouble was noticed.
    pub position: usize,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SyntaxError {}

/// Why an evaluation gave no value.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluationError {
    /// JSONata's code, such as `T2001`; empty where JSONata has none.
    pub code: &'static str,
    /// What is wrong, without the code.
    pub message: String,
    /// Which of AWS's sentences speaks of it.
    pub problem: Problem,
}

/// The kinds of [`EvaluationError`], one for each thing that AWS says about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The expression threw an error: `threw an error during evaluation`.
    Thrown,
    /// The expression was too much: too many steps, too much memory, nested too deep.
    Exceeded,
    /// A function failed in a way for which JSONata has no code: `threw an internal error during evaluation`.
    Internal,
    /// The result is a function or holds one: `returned an unsupported result type`.
    UnsupportedResult,
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.code.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.code, self.message)
        }
    }
}

impl std::error::Error for EvaluationError {}

/// The result of everything that may fail while an expression runs. Boxed, because success is the
/// common case and should be small.
pub(crate) type Result<T> = std::result::Result<T, Box<Failure>>;

/// An error on its way up: it learns the operator or function it happened in as it passes by.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) code: &'static str,
    pub(crate) problem: Problem,
    /// The operator or function.
    pub(crate) token: Option<String>,
    /// What the message speaks of, as JSON text.
    pub(crate) value: String,
    pub(crate) value2: String,
    /// The place of an argument, from 1.
    pub(crate) index: usize,
    /// Words of the user's own (`$error`), or of ours where there is no code.
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(code: &'static str) -> Box<Failure> {
        Box::new(Failure {
            code,
            problem: Problem::Thrown,
            token: None,
            value: String::new(),
            value2: String::new(),
            index: 0,
            message: String::new(),
        })
    }

    pub(crate) fn exceeded(message: &str) -> Box<Failure> {
        let mut failure = Failure::new("");
        failure.problem = Problem::Exceeded;
        failure.message = message.to_owned();
        failure
    }

    pub(crate) fn internal(message: impl Into<String>) -> Box<Failure> {
        let mut failure = Failure::new("");
        failure.problem = Problem::Internal;
        failure.message = message.into();
        failure
    }

    pub(crate) fn of(problem: Problem, message: impl Into<String>) -> Box<Failure> {
        let mut failure = Failure::new("");
        failure.problem = problem;
        failure.message = message.into();
        failure
    }

    pub(crate) fn value(mut self: Box<Self>, value: impl Into<String>) -> Box<Failure> {
        self.value = value.into();
        self
    }

    pub(crate) fn value2(mut self: Box<Self>, value: impl Into<String>) -> Box<Failure> {
        self.value2 = value.into();
        self
    }

    pub(crate) fn token(mut self: Box<Self>, token: impl Into<String>) -> Box<Failure> {
        self.token = Some(token.into());
        self
    }

    pub(crate) fn index(mut self: Box<Self>, index: usize) -> Box<Failure> {
        self.index = index;
        self
    }

    pub(crate) fn message(mut self: Box<Self>, message: impl Into<String>) -> Box<Failure> {
        self.message = message.into();
        self
    }

    pub(crate) fn into_error(self) -> EvaluationError {
        EvaluationError { code: self.code, message: self.words(), problem: self.problem }
    }

    fn words(&self) -> String {
        if self.code.is_empty() {
            return self.message.clone();
        }
        let name = self.token.as_deref().unwrap_or_default();
        let token = if name.is_empty() { "undefined".to_owned() } else { quoted(name) };
        let Failure { value, value2, index, message, .. } = self;
        match self.code {
            "T0410" => format!("Argument {index} of function {token} does not match function signature"),
            "T0411" => {
                format!("Context value is not a compatible type with argument {index} of function {token}")
            }
            "T0412" => format!("Argument {index} of function {token} must be an array of {}", quoted(message)),
            "D1001" => format!("Number out of range: {value}"),
            "D1002" => format!("Cannot negate a non-numeric value: {value}"),
            "T1003" => format!("Key in object structure must evaluate to a string; got: {value}"),
            "D1004" => "Regular expression matches zero length string".to_owned(),
            "T1005" => format!("Attempted to invoke a non-function. Did you mean ${name}?"),
            "T1006" => "Attempted to invoke a non-function".to_owned(),
            "T1007" => format!("Attempted to partially apply a non-function. Did you mean ${name}?"),
            "T1008" => "Attempted to partially apply a non-function".to_owned(),
            "D1009" => format!("Multiple key definitions evaluate to same key: {value}"),
            "T1010" => format!(
                "The matcher function argument passed to function {token} does not return the correct object structure"
            ),
            "T2001" => format!("The left side of the {token} operator must evaluate to a number"),
            "T2002" => format!("The right side of the {token} operator must evaluate to a number"),
            "T2003" => "The left side of the range operator (..) must evaluate to an integer".to_owned(),
            "T2004" => "The right side of the range operator (..) must evaluate to an integer".to_owned(),
            "T2006" => "The right side of the function application operator ~> must be a function".to_owned(),
            "T2007" => {
                format!("Type mismatch when comparing values {value} and {value2} in order-by clause")
            }
            "T2008" => "The expressions within an order-by clause must evaluate to numeric or string values"
                .to_owned(),
            "T2009" => format!(
                "The values {value} and {value2} either side of operator {token} must be of the same data type"
            ),
            "T2010" => format!(
                "The expressions either side of operator {token} must evaluate to numeric or string values"
            ),
            "T2011" => {
                format!("The insert/update clause of the transform expression must evaluate to an object: {value}")
            }
            "T2012" => format!(
                "The delete clause of the transform expression must evaluate to a string or array of strings: {value}"
            ),
            "D2014" => format!(
                "The size of the sequence allocated by the range operator (..) must not exceed 1e7.  Attempted to allocate {value}."
            ),
            "D3001" => "Attempting to invoke string function on Infinity or NaN".to_owned(),
            "D3010" => "Second argument of replace function cannot be an empty string".to_owned(),
            "D3011" => "Fourth argument of replace function must evaluate to a positive number".to_owned(),
            "D3012" => "Attempted to replace a matched string with a non-string value".to_owned(),
            "D3020" => "Third argument of split function must evaluate to a positive number".to_owned(),
            "D3030" => format!("Unable to cast value to a number: {value}"),
            "D3040" => "Third argument of match function must evaluate to a positive number".to_owned(),
            "D3050" => {
                "The second argument of reduce function must be a function with at least two arguments".to_owned()
            }
            "D3060" => format!("The sqrt function cannot be applied to a negative number: {value}"),
            "D3061" => format!(
                "The power function has resulted in a value that cannot be represented as a JSON number: base={value}, exponent={value2}"
            ),
            "D3070" => "The single argument form of the sort function can only be applied to an array of strings or an array of numbers.  Use the second argument to specify a comparison function".to_owned(),
            "D3100" => {
                format!("The radix of the formatBase function must be between 2 and 36.  It was given {value}")
            }
            "D3110" => format!(
                "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {value}"
            ),
            "D3130" => format!(
                "Formatting or parsing an integer as a sequence starting with {value} is not supported by this implementation"
            ),
            "D3131" => {
                "In a decimal digit pattern, all digits must be from the same decimal group".to_owned()
            }
            "D3132" => format!("Unknown component specifier {value} in date/time picture string"),
            "D3133" => format!(
                "The 'name' modifier can only be applied to months and days in the date/time picture string, not {value}"
            ),
            "D3134" => {
                "The timezone integer format specifier cannot have more than four digits".to_owned()
            }
            "D3135" => "No matching closing bracket ']' in date/time picture string".to_owned(),
            "D3136" => {
                "The date/time picture string is missing specifiers required to parse the timestamp".to_owned()
            }
            "D3137" | "D3141" => message.clone(),
            "D3138" => {
                "The $single() function expected exactly 1 matching result.  Instead it matched more.".to_owned()
            }
            "D3139" => {
                "The $single() function expected exactly 1 matching result.  Instead it matched 0.".to_owned()
            }
            "D3140" => format!("Malformed URL passed to ${name}(): {value}"),
            code => picture_words(code).unwrap_or(message).to_owned(),
        }
    }
}

/// What is wrong with a picture of `$formatNumber`.
fn picture_words(code: &str) -> Option<&'static str> {
    Some(match code {
        "D3080" => "The picture string must only contain a maximum of two sub-pictures",
        "D3081" => {
            "The sub-picture must not contain more than one instance of the 'decimal-separator' character"
        }
        "D3082" => "The sub-picture must not contain more than one instance of the 'percent' character",
        "D3083" => "The sub-picture must not contain more than one instance of the 'per-mille' character",
        "D3084" => "The sub-picture must not contain both a 'percent' and a 'per-mille' character",
        "D3085" => {
            "The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit character' or a member of the 'decimal digit family'"
        }
        "D3086" => {
            "The sub-picture must not contain a passive character that is preceded by an active character and that is followed by another active character"
        }
        "D3087" => {
            "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a 'decimal-separator' character"
        }
        "D3088" => "The sub-picture must not contain a 'grouping-separator' at the end of the integer part",
        "D3089" => {
            "The sub-picture must not contain two adjacent instances of the 'grouping-separator' character"
        }
        "D3090" => {
            "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed by an instance of the 'optional digit character'"
        }
        "D3091" => {
            "The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is followed by a member of the 'decimal digit family'"
        }
        "D3092" => {
            "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as an 'exponent-separator'"
        }
        "D3093" => {
            "The exponent part of the sub-picture must comprise only of one or more characters that are members of the 'decimal digit family'"
        }
        _ => return None,
    })
}

/// A text as JSON, the way messages show operators and values.
pub(crate) fn quoted(text: &str) -> String {
    json::Value::from(text).to_text()
}
