//! Which service's templates are read.

/// How a service differs from plain Velocity 1.7.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// A reference to nothing is the empty text, printed and compared, as API Gateway has it. Otherwise
    /// it is null, and prints its own source.
    pub null_is_empty: bool,
    /// `#return` and `#return(value)` end the template, as AppSync has it.
    pub return_directive: bool,
    /// `null` may be an argument of a method, which Velocity 1.7 does not know. AppSync takes it: resolvers that Amplify
    /// makes hand it to `$util`. Anywhere else it is no value.
    pub null_arguments: bool,
    /// Within double quotes `\"` is a quote, which Velocity does not know: for texts that are no
    /// template otherwise.
    pub backslash_quotes: bool,
    /// A `#foreach` ends after so many rounds. Both services say 1,000.
    pub rounds_max: usize,
}

/// The rounds of one `#foreach` in API Gateway and AppSync.
const ROUNDS_MAX: usize = 1000;

impl Dialect {
    /// API Gateway's mapping templates.
    pub const API_GATEWAY: Dialect =
        Dialect { null_is_empty: true, return_directive: false, ..Dialect::PLAIN };

    /// AppSync's resolvers.
    pub const APPSYNC: Dialect = Dialect { return_directive: true, null_arguments: true, ..Dialect::PLAIN };

    /// Velocity 1.7 itself, with the services' bound on loops.
    pub const PLAIN: Dialect = Dialect {
        null_is_empty: false,
        return_directive: false,
        null_arguments: false,
        backslash_quotes: false,
        rounds_max: ROUNDS_MAX,
    };
}
