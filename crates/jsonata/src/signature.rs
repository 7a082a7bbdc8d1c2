//! Signatures of functions, such as `<s-nn?:s>`, and what they make of the arguments of a call.

use crate::error::{Failure, Result};
use crate::item::Item;

/// The parameters that a signature names; what it says of the result is not looked at.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    parameters: Vec<Parameter>,
}

#[derive(Clone, Debug)]
struct Parameter {
    /// The symbols of the types that it takes, `m` (nothing) among them.
    takes: u16,
    is_array: bool,
    /// Of the items of an array.
    subtype: Option<char>,
    optional: bool,
    many: bool,
    /// Where it is missing, the context stands in for it.
    context: bool,
}

/// Fitting arguments to parameters recurses over the parameters.
const PARAMETERS_MAX: usize = 64;

const SYMBOLS: &str = "snblaofm";

fn bit(symbol: char) -> u16 {
    SYMBOLS.find(symbol).map_or(0, |place| 1 << place)
}

fn bits(symbols: &str) -> u16 {
    symbols.chars().map(bit).fold(0, |all, bit| all | bit)
}

impl Signature {
    /// Of a text such as `<a<n>:n>`. `Err`: a code and its message.
    pub(crate) fn parse(text: &str) -> std::result::Result<Signature, (&'static str, String)> {
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut rest = text.chars().skip(1).peekable();
        while let Some(symbol) = rest.next() {
            let takes = match symbol {
                ':' => break,
                's' | 'n' | 'b' | 'l' | 'o' => bit(symbol) | bit('m'),
                'a' => bits("asnblfom"),
                'f' => bit('f'),
                'j' => bits("asnblom"),
                'x' => bits("asnblfom"),
                '(' => {
                    let mut choice = String::new();
                    for symbol in rest.by_ref() {
                        if symbol == ')' {
                            break;
                        }
                        choice.push(symbol);
                    }
                    if choice.contains('<') {
                        let message = "Choice groups containing parameterized types are not supported";
                        return Err(("S0402", message.to_owned()));
                    }
                    bits(&choice) | bit('m')
                }
                '-' | '?' | '+' => {
                    if let Some(parameter) = parameters.last_mut() {
                        match symbol {
                            '-' => {
                                parameter.context = true;
                                parameter.optional = true;
                            }
                            '?' => parameter.optional = true,
                            _ => parameter.many = true,
                        }
                    }
                    continue;
                }
                '<' => {
                    let mut depth = 1;
                    let mut inner = String::new();
                    for symbol in rest.by_ref() {
                        match symbol {
                            '<' => depth += 1,
                            '>' => depth -= 1,
                            _ => {}
                        }
                        if depth == 0 {
                            break;
                        }
                        inner.push(symbol);
                    }
                    match parameters.last_mut() {
                        Some(parameter) if parameter.is_array => parameter.subtype = inner.chars().next(),
                        Some(parameter) if parameter.takes == bit('f') => {}
                        _ => {
                            let message = "Type parameters can only be applied to functions and arrays";
                            return Err(("S0401", message.to_owned()));
                        }
                    }
                    continue;
                }
                _ => continue,
            };
            parameters.push(Parameter {
                takes,
                is_array: symbol == 'a',
                subtype: None,
                optional: false,
                many: false,
                context: false,
            });
        }
        if parameters.len() > PARAMETERS_MAX {
            return Err(("S0401", format!("A signature has at most {PARAMETERS_MAX} parameters")));
        }
        Ok(Signature { parameters })
    }

    /// Checks arguments that are as many as the parameters, in place. `false`: it takes
    /// [`Signature::check`] to tell.
    pub(crate) fn check_in_place(&self, arguments: &mut [Item<'_>]) -> bool {
        if arguments.len() != self.parameters.len() {
            return false;
        }
        self.parameters.iter().zip(arguments).all(|(parameter, argument)| {
            let symbol = argument.symbol();
            let plain =
                !parameter.is_array || (symbol == 'a' && parameter.subtype.is_none()) || symbol == 'm';
            !parameter.many && plain && parameter.takes & bit(symbol) != 0
        })
    }

    /// The arguments as the function sees them: missing ones filled from the context, single ones
    /// wrapped where an array is wanted.
    pub(crate) fn check<'a>(&self, arguments: Vec<Item<'a>>, context: &Item<'a>) -> Result<Vec<Item<'a>>> {
        let symbols: Vec<char> = arguments.iter().map(Item::symbol).collect();
        let Some(counts) = self.assign(&symbols) else { return Err(self.complaint(&symbols)) };
        let mut checked = Vec::with_capacity(arguments.len().max(self.parameters.len()));
        let mut rest = arguments.into_iter().enumerate();
        for (parameter, count) in self.parameters.iter().zip(counts) {
            if count == 0 {
                if parameter.context {
                    let context = context.clone().unwrapped();
                    if parameter.takes & bit(context.symbol()) == 0 {
                        let index = checked.len() + 1;
                        return Err(Failure::new("T0411").index(index));
                    }
                    checked.push(context);
                } else {
                    // An optional one that does not fit takes an argument nevertheless, as JSONata does.
                    checked.push(rest.next().map(|(_, argument)| argument).unwrap_or_default());
                }
            }
            for _ in 0..count {
                let Some((index, argument)) = rest.next() else { break };
                checked.push(if parameter.is_array { parameter.array(argument, index)? } else { argument });
            }
        }
        checked.extend(rest.map(|(_, argument)| argument));
        Ok(checked)
    }

    /// How many arguments each parameter takes, as many as it can; `None` if they do not fit.
    fn assign(&self, symbols: &[char]) -> Option<Vec<usize>> {
        let mut fitting = Fitting {
            symbols,
            counts: Vec::with_capacity(self.parameters.len()),
            failed: vec![false; (self.parameters.len() + 1) * (symbols.len() + 1)],
        };
        fitting.fit(&self.parameters, 0).then_some(fitting.counts)
    }

    /// Names the first argument that does not fit.
    fn complaint(&self, symbols: &[char]) -> Box<Failure> {
        let mut good = 0;
        for parameter in &self.parameters {
            let rest = &symbols[good..];
            let fits = rest.iter().take_while(|symbol| parameter.takes & bit(**symbol) != 0).count();
            let count = if parameter.many { fits } else { fits.min(1) };
            if count == 0 && !parameter.optional {
                break;
            }
            good += count;
        }
        Failure::new("T0410").index(good + 1)
    }
}

/// Finds out which arguments each parameter takes.
struct Fitting<'s> {
    symbols: &'s [char],
    counts: Vec<usize>,
    /// Whether so many last parameters are known not to fit the arguments from a place on. Without
    /// that, signatures with many `+` would try every way to share the arguments out.
    failed: Vec<bool>,
}

impl Fitting<'_> {
    fn fit(&mut self, parameters: &[Parameter], from: usize) -> bool {
        let Some((parameter, others)) = parameters.split_first() else { return from == self.symbols.len() };
        let known = parameters.len() * (self.symbols.len() + 1) + from;
        if self.failed[known] {
            return false;
        }
        let rest = &self.symbols[from..];
        let fits = rest.iter().take_while(|symbol| parameter.takes & bit(**symbol) != 0).count();
        let most = if parameter.many { fits } else { fits.min(1) };
        let least = usize::from(!parameter.optional);
        for count in (least..=most).rev() {
            self.counts.push(count);
            if self.fit(others, from + count) {
                return true;
            }
            self.counts.pop();
        }
        self.failed[known] = true;
        false
    }
}

impl Parameter {
    fn array<'a>(&self, argument: Item<'a>, index: usize) -> Result<Item<'a>> {
        let symbol = argument.symbol();
        if symbol == 'm' {
            return Ok(argument);
        }
        if let Some(subtype) = self.subtype {
            let fits = match argument.array_len() {
                Some(0) => true,
                Some(len) => (0..len).all(|index| argument.at(index).symbol() == subtype),
                None => symbol == subtype,
            };
            if !fits {
                let name = match subtype {
                    'a' => "arrays",
                    'b' => "booleans",
                    'f' => "functions",
                    'n' => "numbers",
                    'o' => "objects",
                    's' => "strings",
                    _ => "values",
                };
                return Err(Failure::new("T0412").index(index + 1).message(name));
            }
        }
        Ok(if symbol == 'a' { argument } else { Item::array_of_one(argument) })
    }
}
