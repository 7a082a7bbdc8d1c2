//! The tree that the parser makes and `shape` rearranges: operators become paths with their stages.

use json::{Text, Value};

use crate::signature::Signature;

/// A node. Boxed, so that the functions that recurse over it need little stack.
#[derive(Clone, Debug)]
pub(crate) struct Ast(pub(crate) Box<Content>);

#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) kind: Kind,
    /// The byte of the text where it begins.
    pub(crate) position: usize,
    /// How many nodes lie on the longest way down, this one included. Bounded by the parser.
    pub(crate) height: usize,
    /// `[]` behind it: a single result stays an array.
    pub(crate) keep_array: bool,
    /// Filters on the whole result.
    pub(crate) predicates: Option<Vec<Stage>>,
    /// Filters and index bindings on what a step gives for one input.
    pub(crate) stages: Option<Vec<Stage>>,
    /// `{…}` behind it.
    pub(crate) group: Option<Vec<(Ast, Ast)>>,
    /// `@$name` behind it.
    pub(crate) focus: Option<Text>,
    /// `#$name` behind it.
    pub(crate) index: Option<Text>,
    /// The `%` further on that means the input of this step.
    pub(crate) ancestor: Option<usize>,
    /// Its results carry bindings with them.
    pub(crate) tuple: bool,
    /// An array constructor at either end of a path: its array is one result, not several.
    pub(crate) constructs: bool,
    /// The `%` within it whose meaning lies further to the left.
    pub(crate) seeking: Vec<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// The end of the text where a value should be.
    End,
    String(Text),
    Number(f64),
    Constant(Value),
    Name(Text),
    /// Empty for `$`, `$` for `$$`.
    Variable(Text),
    Wildcard,
    Descendants,
    /// `%`; the number is its place in the table of all `%`.
    Parent(usize),
    /// `?` among the arguments of a partial application.
    Placeholder,
    Regex {
        pattern: String,
        flags: String,
    },
    Array(Vec<Ast>),
    Object(Vec<(Ast, Ast)>),
    Negate(Ast),
    Binary(&'static str, Ast, Ast),
    Bind(Ast, Ast),
    Condition(Ast, Ast, Option<Ast>),
    Block(Vec<Ast>),
    Call {
        procedure: Ast,
        arguments: Vec<Ast>,
        partial: bool,
    },
    Lambda {
        parameters: Vec<Text>,
        signature: Option<Signature>,
        body: Ast,
    },
    Transform {
        pattern: Ast,
        update: Ast,
        delete: Option<Ast>,
    },

    // Only before `shape`:
    Predicate(Ast, Ast),
    GroupBy(Ast, Vec<(Ast, Ast)>),
    OrderBy(Ast, Vec<Term>),
    Focus(Ast, Text),
    Index(Ast, Text),

    // Only after it:
    Path {
        steps: Vec<Ast>,
        keep_singleton: bool,
    },
    /// A step of a path that puts its whole input in order.
    Sort(Vec<Term>),
}

#[derive(Clone, Debug)]
pub(crate) enum Stage {
    Filter(Ast),
    Index(Text),
}

#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub(crate) descending: bool,
    pub(crate) key: Ast,
}

impl Ast {
    pub(crate) fn new(kind: Kind, position: usize) -> Ast {
        Ast(Box::new(Content {
            kind,
            position,
            height: 1,
            keep_array: false,
            predicates: None,
            stages: None,
            group: None,
            focus: None,
            index: None,
            ancestor: None,
            tuple: false,
            constructs: false,
            seeking: Vec::new(),
        }))
    }
}

impl std::ops::Deref for Ast {
    type Target = Content;

    fn deref(&self) -> &Content {
        &self.0
    }
}

impl std::ops::DerefMut for Ast {
    fn deref_mut(&mut self) -> &mut Content {
        &mut self.0
    }
}
