//! Functions as values.

use std::rc::Rc;

use json::Text;

use crate::builtin::Builtin;
use crate::frame::Frame;
use crate::item::Item;
use crate::program::{Lambda, Transform};
use crate::regular_expression::Regex;

pub(crate) enum Function<'a> {
    Builtin(&'static Builtin),
    /// A function of the expression, with the frame and the context it was defined in.
    Lambda {
        lambda: &'a Lambda,
        frame: Rc<Frame<'a>>,
        context: Item<'a>,
    },
    /// A call of which some arguments (`None`) are missing.
    Partial {
        function: Rc<Function<'a>>,
        arguments: Vec<Option<Item<'a>>>,
        depth: u32,
    },
    /// `first ~> second`
    Chain {
        first: Rc<Function<'a>>,
        second: Rc<Function<'a>>,
        depth: u32,
    },
    /// Called with a text, it gives the first match.
    Regex(&'a Regex),
    /// The match behind the one before.
    NextMatch {
        regex: &'a Regex,
        text: Text,
        from: usize,
    },
    Transform {
        transform: &'a Transform,
        frame: Rc<Frame<'a>>,
    },
}

impl Function<'_> {
    /// How many arguments it can use.
    pub(crate) fn arity(&self) -> usize {
        match self {
            Function::Builtin(builtin) => builtin.arity,
            Function::Lambda { lambda, .. } => lambda.parameters,
            Function::Partial { arguments, .. } => {
                arguments.iter().filter(|argument| argument.is_none()).count()
            }
            Function::Chain { .. } | Function::Regex(_) | Function::Transform { .. } => 1,
            Function::NextMatch { .. } => 0,
        }
    }

    /// How deep what it holds nests. Frames do not count: they are kept until the evaluation ends
    /// and dropped one by one.
    pub(crate) fn depth(&self) -> u32 {
        match self {
            Function::Lambda { context, .. } => 1 + context.depth(),
            Function::Partial { depth, .. } | Function::Chain { depth, .. } => *depth,
            Function::Builtin(_)
            | Function::Regex(_)
            | Function::NextMatch { .. }
            | Function::Transform { .. } => 1,
        }
    }
}
