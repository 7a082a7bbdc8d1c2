//! A compiled template: what is rendered, node by node.

use std::sync::Arc;

use json::Text;

use crate::error::Position;
use crate::value::Value;

/// A variable, by its place among the names of the template.
pub(crate) type Slot = usize;

/// Nodes that are rendered one after the other. Shared: `#define` and `#macro` outlive their rendering.
pub(crate) type Block = Arc<[Node]>;

#[derive(Debug)]
pub(crate) enum Node {
    Text(Text),
    Print(Box<Print>),
    Set(Box<Set>),
    /// The first whose condition is true; the last may have none.
    If(Box<[(Option<Expression>, Block)]>),
    Foreach(Box<Foreach>),
    Call(Box<Call>),
    Define(Slot, Block),
    Evaluate(Box<Expression>, Position),
    /// `#parse` and `#include`: there is nothing to load from.
    Load(&'static str, Position),
    Break,
    Stop,
    /// AppSync's `#return`.
    Return(Option<Box<Expression>>),
}

/// A reference in text.
#[derive(Debug)]
pub(crate) struct Print {
    pub(crate) reference: Reference,
    /// How many stand in front of it.
    pub(crate) backslashes: usize,
}

#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) target: Reference,
    pub(crate) value: Expression,
}

#[derive(Debug)]
pub(crate) struct Foreach {
    pub(crate) variable: Slot,
    pub(crate) over: Expression,
    pub(crate) body: Block,
    /// Where `$foreach` and `$velocityCount` are.
    pub(crate) scope: Slot,
    pub(crate) count: Slot,
}

/// `#name(arguments)`, or `#@name(arguments)body#end`.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: Text,
    pub(crate) arguments: Arc<[Expression]>,
    /// With the place of `$bodyContent`.
    pub(crate) body: Option<(Slot, Block)>,
    /// The source, which is what an unknown macro prints.
    pub(crate) literal: Text,
    pub(crate) position: Position,
}

#[derive(Debug)]
pub(crate) struct Macro {
    pub(crate) name: Text,
    pub(crate) parameters: Box<[Slot]>,
    pub(crate) body: Block,
}

#[derive(Debug)]
pub(crate) enum Expression {
    Literal(Value),
    /// A string with something in it to render.
    Interpolated(Block),
    Reference(Box<Reference>),
    List(Box<[Expression]>),
    Range(Box<(Expression, Expression)>, Position),
    Map(Box<[(Expression, Expression)]>),
    Not(Box<Expression>),
    Binary(Operator, Box<(Expression, Expression)>, Position),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) root: Slot,
    pub(crate) steps: Box<[Step]>,
    /// `$!…`: prints nothing where there is nothing.
    pub(crate) quiet: bool,
    /// As it stands in the source.
    pub(crate) literal: Text,
    pub(crate) position: Position,
}

#[derive(Debug)]
pub(crate) enum Step {
    Property(Text),
    Method(Text, Box<[Expression]>),
    Index(Expression),
}
