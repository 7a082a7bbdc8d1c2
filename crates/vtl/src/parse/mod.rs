//! From text to nodes, by the rules of Velocity 1.7, its ways with blanks included. (spec/vtl.md)
//!
//! There is no separate lexer: what a character means depends on what stands around it.

mod directive;
mod expression;
mod reference;

use std::sync::Arc;

use json::Text;

use crate::ast::{Block, Macro, Node, Print};
use crate::dialect::Dialect;
use crate::error::{Error, Position, Problem};
use crate::names::Names;

/// Blocks and expressions nest no deeper: whoever walks them recurses.
const NESTING_MAX: usize = 60;

/// Macros of a template. They are looked for one after the other.
const MACROS_MAX: usize = 1000;

type Result<T> = std::result::Result<T, Box<Error>>;

/// What a text became.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) body: Block,
    pub(crate) macros: Vec<Arc<Macro>>,
    pub(crate) names: Names,
}

/// Parses a whole template. `names` are those that have a slot already.
pub(crate) fn parse(text: &str, dialect: &Dialect, names: Names) -> std::result::Result<Parsed, Error> {
    let mut names = names;
    let mut macros = Vec::new();
    let mut parser = Parser {
        text,
        at: 0,
        fragment: false,
        depth: 0,
        dialect,
        names: &mut names,
        macros: &mut macros,
        start: Position { line: 1, column: 1 },
        mark: (0, Position { line: 1, column: 1 }),
    };
    let body = parser.whole().map_err(|error| *error)?;
    Ok(Parsed { body, macros, names })
}

struct Parser<'t, 'n> {
    text: &'t str,
    /// The next byte.
    at: usize,
    /// A string's inside, where a lone `$` or `#` may end the text.
    fragment: bool,
    depth: usize,
    dialect: &'n Dialect,
    names: &'n mut Names,
    macros: &'n mut Vec<Arc<Macro>>,
    /// The place of the first byte.
    start: Position,
    /// A byte and its place, from which later places are counted.
    mark: (usize, Position),
}

/// What ended a block; it has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closer {
    EndOfText,
    End,
    Else,
    ElseIf,
}

/// The nodes of a block while it is read, and the text behind the last of them.
#[derive(Default)]
struct Nodes {
    nodes: Vec<Node>,
    text: String,
}

impl Nodes {
    fn push(&mut self, node: Node) {
        self.flush();
        self.nodes.push(node);
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.nodes.push(Node::Text(Text::new(&self.text)));
            self.text.clear();
        }
    }

    fn finish(mut self) -> Block {
        self.flush();
        self.nodes.into()
    }
}

impl<'t> Parser<'t, '_> {
    fn whole(&mut self) -> Result<Block> {
        let (body, closer) = self.block()?;
        match closer {
            Closer::EndOfText => Ok(body),
            Closer::End => Err(self.error("This #end closes nothing: remove it")),
            Closer::Else | Closer::ElseIf => {
                Err(self.error("This #else belongs to no #if: put it between #if and #end"))
            }
        }
    }

    /// Reads up to whatever closes the block.
    fn block(&mut self) -> Result<(Block, Closer)> {
        self.deeper()?;
        let mut nodes = Nodes::default();
        // Whether a token begins here: blanks that begin one belong to a #set behind them.
        let mut fresh = true;
        let closer = loop {
            if std::mem::replace(&mut fresh, true)
                && let Some(length) = self.blanks_before_set()
            {
                self.at += length;
            }
            let run = self.rest().find(['$', '#', '\\']).unwrap_or(self.rest().len());
            nodes.text.push_str(&self.rest()[..run]);
            self.at += run;
            let backslashes = self.rest().bytes().take_while(|byte| *byte == b'\\').count();
            match self.rest().as_bytes().get(backslashes) {
                None if backslashes == 0 => break Closer::EndOfText,
                Some(b'$') => fresh = self.dollar(backslashes, &mut nodes)?,
                Some(b'#') => match self.hash(backslashes, &mut nodes)? {
                    directive::Hash::Text => fresh = false,
                    directive::Hash::Done => {}
                    directive::Hash::Closed(closer) => break closer,
                },
                _ => {
                    nodes.text.push_str(&self.rest()[..backslashes]);
                    self.at += backslashes;
                    fresh = false;
                }
            }
        };
        self.depth -= 1;
        Ok((nodes.finish(), closer))
    }

    /// The blanks here, if a #set follows them.
    fn blanks_before_set(&self) -> Option<usize> {
        let rest = self.rest().trim_start_matches([' ', '\t']);
        let blanks = self.rest().len() - rest.len();
        if blanks == 0 {
            return None;
        }
        let behind = rest.strip_prefix("#set").or_else(|| rest.strip_prefix("#{set}"))?;
        behind.trim_start_matches([' ', '\t']).starts_with('(').then_some(blanks)
    }

    /// At so many backslashes and a `$`. Tells whether a token begins behind what was read.
    fn dollar(&mut self, backslashes: usize, nodes: &mut Nodes) -> Result<bool> {
        let start = self.at;
        self.at += backslashes;
        if let Some(reference) = self.reference()? {
            nodes.push(Node::Print(Box::new(Print { reference, backslashes })));
            return Ok(true);
        }
        nodes.text.push_str(&self.text[start..self.at]);
        nodes.text.push('$');
        self.at += 1;
        // Velocity swallows the mark of a quiet reference that is none: `$!!x` gives `$!x`.
        self.take("!");
        if self.rest().is_empty() && !self.fragment {
            return Err(
                self.error("A template cannot end with $: put something behind it, such as a newline")
            );
        }
        Ok(false)
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads `expected` if it comes next.
    fn take(&mut self, expected: &str) -> bool {
        let there = self.rest().starts_with(expected);
        if there {
            self.at += expected.len();
        }
        there
    }

    fn skip_space(&mut self) {
        self.skip(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    fn skip(&mut self, which: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&which) {
            self.at += 1;
        }
    }

    /// The end of a directive takes blanks and a newline with it, if nothing else is on the line.
    fn skip_to_next_line(&mut self) {
        let rest = self.rest().trim_start_matches([' ', '\t']);
        for newline in ["\r\n", "\n", "\r"] {
            if let Some(rest) = rest.strip_prefix(newline) {
                self.at = self.text.len() - rest.len();
                return;
            }
        }
    }

    fn slot(&mut self, name: &str) -> usize {
        self.names.slot(name)
    }

    fn deeper(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            return Err(self.error(format!(
                "Blocks and expressions nest more than {NESTING_MAX} deep: use a macro, or #set parts of it"
            )));
        }
        Ok(())
    }

    /// The place of byte `at`, counted on from the last place that was asked for.
    fn position(&mut self, at: usize) -> Position {
        if at < self.mark.0 {
            self.mark = (0, self.start);
        }
        let (mut from, mut position) = self.mark;
        let between = &self.text[from..at];
        position.line += between.bytes().filter(|byte| *byte == b'\n').count() as u32;
        if let Some(newline) = between.rfind('\n') {
            position.column = 1;
            from += newline + 1;
        }
        position.column += self.text[from..at].chars().count() as u32;
        self.mark = (at, position);
        position
    }

    /// An error at the next byte.
    fn error(&mut self, message: impl Into<String>) -> Box<Error> {
        let position = self.position(self.at);
        Box::new(Error { problem: Problem::Parse, message: message.into(), position })
    }

    /// What comes next, for a message.
    fn next_words(&self) -> String {
        match self.rest().chars().next() {
            None => "the end of the template".to_owned(),
            Some('\n' | '\r') => "the end of the line".to_owned(),
            Some(character) => format!("'{character}'"),
        }
    }
}
