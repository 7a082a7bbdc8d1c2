//! A compiled expression: a tree of instructions in which every variable has a place.

use json::{Text, Value};

use crate::regular_expression::Regex;
use crate::signature::Signature;
use crate::surroundings::StatesMember;

#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) root: Node,
    /// How many variables are bound outside of any block or function.
    pub(crate) slots: usize,
    /// Names that come from outside: built-in functions and the caller's variables.
    pub(crate) globals: Vec<Global>,
}

#[derive(Debug)]
pub(crate) struct Global {
    pub(crate) name: Text,
    /// Somewhere nothing in the expression can have bound it.
    pub(crate) free: bool,
}

#[derive(Debug)]
pub(crate) enum Node {
    Constant(Value),
    /// `$`
    Context,
    /// `$$`
    Root,
    Variable(Variable),
    Global(usize),
    /// `$states.input` and its like
    States(StatesMember),
    /// `%`: the input of an earlier step, under this binding.
    Ancestor {
        label: u32,
        candidates: Vec<u16>,
    },
    Name(Text),
    Wildcard,
    Descendants,
    /// `start.a.b.c` with nothing but names behind the start.
    Names {
        start: Option<Box<Node>>,
        names: Box<[Text]>,
    },
    Path(Box<Path>),
    Filtered(Box<Node>, Vec<Stage>),
    Grouped(Box<Node>, Pairs),
    /// `x[]`
    Keep(Box<Node>),
    Array {
        items: Vec<Part>,
        constructs: bool,
    },
    Object(Pairs),
    Negate(Box<Node>),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    Equal {
        negated: bool,
        left: Box<Node>,
        right: Box<Node>,
    },
    Compare(Comparison, Box<Node>, Box<Node>),
    In(Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    /// `a & b & c`: two or more.
    Concatenate(Vec<Node>),
    Range(Box<Node>, Box<Node>),
    Bind {
        target: Target,
        value: Box<Node>,
    },
    Condition(Box<Node>, Box<Node>, Option<Box<Node>>),
    /// `a ?? b`
    Coalesce(Box<Node>, Box<Node>),
    /// `a ?: b`
    Default(Box<Node>, Box<Node>),
    Block {
        slots: usize,
        nodes: Vec<Node>,
    },
    Call(Box<Call>),
    Partial(Box<Call>),
    /// `left ~> right`
    Apply(Box<Node>, Box<Node>),
    Lambda(Box<Lambda>),
    Transform(Box<Transform>),
    Regex(Box<Regex>),
}

/// A variable that may be bound in one of several frames, tried from the innermost.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) candidates: Vec<Candidate>,
    /// Where else it may come from, if it is bound in none of them.
    pub(crate) global: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    /// So many frames out.
    pub(crate) depth: u16,
    pub(crate) place: Place,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Slot(u32),
    /// Under this number in the bindings that go with the items of a path.
    Binding(u32),
}

/// What `:=` writes to: always in the innermost frame.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    Place(Place),
    /// `$ := …`: evaluated, bound to nothing.
    Nowhere,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Arithmetic {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Arithmetic::Add => "+",
            Arithmetic::Subtract => "-",
            Arithmetic::Multiply => "*",
            Arithmetic::Divide => "/",
            Arithmetic::Remainder => "%",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }
}

/// One expression of an array constructor.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) node: Node,
    /// It is an array constructor itself, so its array is one item.
    pub(crate) nested: bool,
}

#[derive(Debug)]
pub(crate) struct Pairs {
    pub(crate) pairs: Vec<(Node, Node)>,
    /// The keys, if all of them are literals and no two the same.
    pub(crate) names: Option<Vec<Text>>,
}

#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) steps: Vec<Step>,
    /// From this step on, items carry bindings.
    pub(crate) tuples_from: Option<usize>,
    /// The items are handed on with their bindings, to a path around this one.
    pub(crate) hands_on_tuples: bool,
    /// It begins with a variable, not with what the context holds.
    pub(crate) absolute: bool,
    pub(crate) keep_singleton: bool,
    pub(crate) group: Option<Pairs>,
}

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) action: Action,
    pub(crate) stages: Vec<Stage>,
    pub(crate) focus: Option<u32>,
    pub(crate) index: Option<u32>,
    pub(crate) ancestor: Option<u32>,
    pub(crate) constructs: bool,
}

#[derive(Debug)]
pub(crate) enum Action {
    Evaluate(Node),
    Sort(Vec<Term>),
}

#[derive(Debug)]
pub(crate) enum Stage {
    Filter(Node),
    Index(u32),
}

#[derive(Debug)]
pub(crate) struct Term {
    pub(crate) descending: bool,
    pub(crate) key: Node,
}

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) procedure: Node,
    /// `None` is the `?` of a partial application.
    pub(crate) arguments: Vec<Option<Node>>,
    /// What messages call the function.
    pub(crate) name: Option<Text>,
    /// The procedure is a bare name, and this is the variable of that name: perhaps a `$` is missing.
    pub(crate) meant: Option<Box<Node>>,
}

#[derive(Debug)]
pub(crate) struct Lambda {
    pub(crate) parameters: usize,
    /// Parameters first, then what its body binds outside of blocks.
    pub(crate) slots: usize,
    pub(crate) signature: Option<Signature>,
    pub(crate) body: Node,
}

#[derive(Debug)]
pub(crate) struct Transform {
    pub(crate) pattern: Node,
    pub(crate) update: Node,
    pub(crate) delete: Option<Node>,
}
