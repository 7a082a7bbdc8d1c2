//! What a `#` begins: comments, raw text, directives, calls of macros.

use std::sync::Arc;

use json::Text;

use super::{Closer, MACROS_MAX, Nodes, Parser, Result};
use crate::ast::{Block, Call, Foreach, Macro, Node, Set};

/// What came of a `#`.
pub(super) enum Hash {
    /// It is text.
    Text,
    /// A directive or a comment, whole.
    Done,
    /// It ends the block.
    Closed(Closer),
}

const DIRECTIVES: [&str; 13] = [
    "set", "if", "elseif", "else", "end", "foreach", "break", "stop", "macro", "define", "evaluate",
    "include", "parse",
];

impl<'t> Parser<'t, '_> {
    /// At so many backslashes and a `#`.
    pub(super) fn hash(&mut self, backslashes: usize, nodes: &mut Nodes) -> Result<Hash> {
        let start = self.at;
        let hash = start + backslashes;
        self.at = hash + 1;
        let block_call = self.take("@");
        let word = self.directive_word();
        let name = word.unwrap_or_default();
        let known = self.is_known(name);
        // Backslashes escape each other and the directive, but only if there is one.
        let kept = if known { backslashes / 2 } else { backslashes };
        nodes.text.push_str(&self.text[start..start + kept]);
        if known && backslashes % 2 == 1 {
            nodes.text.push_str(&self.text[hash..self.at]);
            return Ok(Hash::Text);
        }
        if word.is_none() {
            self.at = hash;
            return self.no_word(nodes);
        }
        if block_call {
            return self.call(name, hash, true, nodes);
        }
        let done = |node, nodes: &mut Nodes| {
            nodes.push(node);
            Ok(Hash::Done)
        };
        match name {
            "set" if self.rest().trim_start_matches([' ', '\t']).starts_with('(') => {
                let set = self.set()?;
                done(set, nodes)
            }
            "set" => self.as_text(hash, nodes),
            "if" => {
                let node = self.branches()?;
                done(node, nodes)
            }
            "elseif" => Ok(Hash::Closed(Closer::ElseIf)),
            "else" => {
                self.skip_to_next_line();
                Ok(Hash::Closed(Closer::Else))
            }
            "end" => {
                self.skip_to_next_line();
                Ok(Hash::Closed(Closer::End))
            }
            "foreach" => {
                let node = self.foreach()?;
                done(node, nodes)
            }
            "break" => {
                self.break_argument()?;
                done(Node::Break, nodes)
            }
            "stop" => done(Node::Stop, nodes),
            "return" if self.dialect.return_directive => {
                let value = match self.rest().trim_start_matches([' ', '\t']).starts_with('(') {
                    true => {
                        self.open("#return")?;
                        self.skip_space();
                        let value = if self.peek() == Some(b')') { None } else { Some(self.expression()?) };
                        self.close("#return")?;
                        value
                    }
                    false => None,
                };
                done(Node::Return(value.map(Box::new)), nodes)
            }
            "macro" => {
                self.define_macro()?;
                nodes.flush();
                Ok(Hash::Done)
            }
            "define" => {
                self.open("#define")?;
                let slot = self.variable("#define")?;
                self.close("#define")?;
                let body = self.body("#define")?;
                done(Node::Define(slot, body), nodes)
            }
            "evaluate" => {
                let position = self.position(hash);
                self.open("#evaluate")?;
                let text = self.expression()?;
                self.close("#evaluate")?;
                done(Node::Evaluate(Box::new(text), position), nodes)
            }
            "include" | "parse" => {
                let which = if name == "parse" { "#parse" } else { "#include" };
                let position = self.position(hash);
                self.open(which)?;
                self.call_arguments()?;
                done(Node::Load(which, position), nodes)
            }
            _ => self.call(name, hash, false, nodes),
        }
    }

    /// `word` or `{word}` behind the `#`. Unlike names, words have no hyphens.
    fn directive_word(&mut self) -> Option<&'t str> {
        let start = self.at;
        let braced = self.take("{");
        let rest = self.rest();
        let length = rest
            .find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
            .unwrap_or(rest.len());
        let word = &rest[..length];
        self.at += length;
        if word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && (!braced || self.take("}"))
        {
            return Some(word);
        }
        self.at = start;
        None
    }

    fn is_known(&self, name: &str) -> bool {
        DIRECTIVES.contains(&name)
            || (name == "return" && self.dialect.return_directive)
            || self.macros.iter().any(|known| known.name == name)
    }

    /// At a `#` without a word: a comment, raw text, or text.
    fn no_word(&mut self, nodes: &mut Nodes) -> Result<Hash> {
        let rest = self.rest();
        if rest.starts_with("##") {
            // The newline is part of the comment.
            self.at += rest.find('\n').map_or(rest.len(), |newline| newline + 1);
            nodes.flush();
            return Ok(Hash::Done);
        }
        if let Some(comment) = rest.strip_prefix("#*") {
            self.at += comment.find("*#").map_or(rest.len(), |end| 2 + end + 2);
            nodes.flush();
            return Ok(Hash::Done);
        }
        if let Some(raw) = rest.strip_prefix("#[[") {
            let Some(end) = raw.find("]]#") else {
                return Err(self.error("Raw text that begins with #[[ needs a ]]# behind it"));
            };
            nodes.text.push_str(&raw[..end]);
            self.at += 3 + end + 3;
            nodes.flush();
            return Ok(Hash::Done);
        }
        self.at += 1;
        if self.rest().is_empty() && !self.fragment {
            return Err(
                self.error("A template cannot end with #: put something behind it, such as a newline")
            );
        }
        nodes.text.push('#');
        Ok(Hash::Text)
    }

    /// What was read from byte `start` on is text.
    fn as_text(&mut self, start: usize, nodes: &mut Nodes) -> Result<Hash> {
        nodes.text.push_str(&self.text[start..self.at]);
        Ok(Hash::Text)
    }

    fn open(&mut self, directive: &str) -> Result<()> {
        self.expect("(", directive)
    }

    fn close(&mut self, directive: &str) -> Result<()> {
        self.expect(")", directive)?;
        self.skip_to_next_line();
        Ok(())
    }

    /// The block behind a directive's head, which ends with `#end`.
    fn body(&mut self, directive: &str) -> Result<Block> {
        match self.block()? {
            (body, Closer::End) => Ok(body),
            (_, Closer::EndOfText) => {
                Err(self.error(format!("{directive} is not closed: its #end is missing")))
            }
            _ => Err(self.error(format!("{directive} has no #else: close it with #end"))),
        }
    }

    /// A variable's name, of a directive that makes it.
    fn variable(&mut self, directive: &str) -> Result<usize> {
        self.skip_space();
        let start = self.at;
        if self.peek() == Some(b'$')
            && let Some(reference) = self.reference()?
            && reference.steps.is_empty()
        {
            return Ok(reference.root);
        }
        self.at = start;
        Err(self.error(format!("{directive} needs a variable here, such as $item")))
    }

    fn set(&mut self) -> Result<Node> {
        self.open("#set")?;
        self.skip_space();
        let target = if self.peek() == Some(b'$') { self.reference()? } else { None };
        let Some(target) = target else {
            return Err(self.error("#set needs a reference to set first, such as #set($name = 1)"));
        };
        self.expect("=", "#set")?;
        let value = self.expression()?;
        self.close("#set")?;
        Ok(Node::Set(Box::new(Set { target, value })))
    }

    /// Behind `#if`.
    fn branches(&mut self) -> Result<Node> {
        let mut branches = Vec::new();
        let mut closer = Closer::ElseIf;
        while closer != Closer::End {
            let condition = match closer {
                Closer::ElseIf => {
                    self.open("#if")?;
                    let condition = self.expression()?;
                    self.close("#if")?;
                    Some(condition)
                }
                _ => None,
            };
            let was_else = condition.is_none();
            let (body, next) = self.block()?;
            branches.push((condition, body));
            closer = next;
            match next {
                Closer::EndOfText => return Err(self.error("#if is not closed: its #end is missing")),
                Closer::Else | Closer::ElseIf if was_else => {
                    return Err(self.error("#else is the last part of an #if: #end is missing before this"));
                }
                _ => {}
            }
        }
        Ok(Node::If(branches.into()))
    }

    fn foreach(&mut self) -> Result<Node> {
        self.open("#foreach")?;
        let variable = self.variable("#foreach")?;
        self.skip_space();
        if !self.word("in") {
            return Err(self.error("#foreach needs the word in here: #foreach($item in $items)"));
        }
        let over = self.expression()?;
        self.close("#foreach")?;
        let body = self.body("#foreach")?;
        let (scope, count) = (self.slot("foreach"), self.slot("velocityCount"));
        Ok(Node::Foreach(Box::new(Foreach { variable, over, body, scope, count })))
    }

    /// `#break` may name the loop that it leaves, which can only be the innermost one.
    fn break_argument(&mut self) -> Result<()> {
        if self.peek() != Some(b'(') {
            return Ok(());
        }
        self.open("#break")?;
        self.skip_space();
        let named = self.reference()?;
        if named.is_none_or(|named| named.literal != "$foreach") {
            return Err(self.error("#break leaves the innermost loop only: write it without parentheses"));
        }
        self.close("#break")
    }

    fn define_macro(&mut self) -> Result<()> {
        self.open("#macro")?;
        self.skip_space();
        let Some(name) = self.directive_word() else {
            return Err(self.error("#macro needs a name here: #macro(name $first $second)"));
        };
        let mut parameters = Vec::new();
        loop {
            self.skip_argument_space();
            if self.peek() == Some(b')') {
                break;
            }
            parameters.push(self.variable("#macro")?);
        }
        self.close("#macro")?;
        let body = self.body("#macro")?;
        let new = Arc::new(Macro { name: Text::new(name), parameters: parameters.into(), body });
        match self.macros.iter().position(|known| known.name == name) {
            Some(place) => self.macros[place] = new,
            None if self.macros.len() == MACROS_MAX => {
                return Err(self.error(format!("A template has at most {MACROS_MAX} macros: use fewer")));
            }
            None => self.macros.push(new),
        }
        Ok(())
    }

    /// Behind the name of something that may be a macro; without parentheses it is text.
    fn call(&mut self, name: &str, start: usize, with_body: bool, nodes: &mut Nodes) -> Result<Hash> {
        if !self.rest().trim_start_matches([' ', '\t']).starts_with('(') {
            return self.as_text(start, nodes);
        }
        let position = self.position(start);
        self.open(name)?;
        let arguments = self.call_arguments()?;
        let body = match with_body {
            true => Some((self.slot("bodyContent"), self.body(&format!("#@{name}"))?)),
            false => None,
        };
        let literal = Text::new(&self.text[start..self.at]);
        let (name, arguments) = (Text::new(name), arguments.into());
        nodes.push(Node::Call(Box::new(Call { name, arguments, body, literal, position })));
        Ok(Hash::Done)
    }

    /// Behind the parenthesis: arguments with blanks or commas between them; reads the closing one.
    fn call_arguments(&mut self) -> Result<Vec<crate::ast::Expression>> {
        let mut arguments = Vec::new();
        loop {
            self.skip_argument_space();
            if self.peek() == Some(b')') {
                self.close("A macro call")?;
                return Ok(arguments);
            }
            self.deeper()?;
            arguments.push(self.call_argument()?);
            self.depth -= 1;
        }
    }

    /// A word without quotes is a text of its own.
    fn call_argument(&mut self) -> Result<crate::ast::Expression> {
        let start = self.at;
        match self.identifier() {
            Some(word) if word != "true" && word != "false" => {
                Ok(crate::ast::Expression::Literal(crate::value::Value::from(word)))
            }
            _ => {
                self.at = start;
                self.operand()
            }
        }
    }

    fn skip_argument_space(&mut self) {
        self.skip(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b','));
    }
}
