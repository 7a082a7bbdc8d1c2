//! Tokens into a tree, by binding powers.
//!
//! Never here: what a path means (`shape`) and where variables live (`compile`).

use json::Text;

use crate::ast::{Ast, Kind, Term};
use crate::error::{SyntaxError, quoted};
use crate::lexer::{self, Lexer, Token, wrong};
use crate::signature::Signature;

/// A tree may be this high. All later work recurses along it, so this bounds the stack that parsing,
/// compiling and dropping take. AWS gives up far earlier: a sum of 200 terms is too deep there.
const HEIGHT_MAX: usize = 200;

pub(crate) fn parse(text: &str) -> Result<Ast, SyntaxError> {
    let mut lexer = Lexer::new(text);
    let token = lexer.next(true)?;
    let mut parser = Parser { lexer, token, depth: 0 };
    parser.check_known()?;
    let ast = parser.expression(0)?;
    match parser.token.kind {
        lexer::Kind::End => Ok(ast),
        _ => {
            let message = format!("Syntax error: {}", parser.token.shown());
            Err(wrong("S0201", message, parser.token.position))
        }
    }
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    /// The next token, not yet taken.
    token: Token,
    /// How many expressions are open around it.
    depth: usize,
}

/// How strongly an operator binds what stands to its left; 0 ends an expression.
fn binding_power(token: &Token) -> u8 {
    let lexer::Kind::Operator(operator) = token.kind else { return 0 };
    match operator {
        "[" | "(" | "@" | "#" => 80,
        "." => 75,
        "{" => 70,
        "*" | "/" | "%" => 60,
        "+" | "-" | "&" => 50,
        "=" | "!=" | "<" | ">" | "<=" | ">=" | "in" | "~>" | "^" | "?:" | "??" => 40,
        "and" => 30,
        "or" => 25,
        "?" => 20,
        ":=" => 10,
        _ => 0,
    }
}

/// `[]` behind predicates is said of what they stand behind.
fn keep_array(ast: &mut Ast) {
    let content = &mut *ast.0;
    match &mut content.kind {
        Kind::Predicate(inner, _) => keep_array(inner),
        _ => content.keep_array = true,
    }
}

impl Parser<'_> {
    /// Takes a token; `operand` says whether a value may follow it.
    fn take(&mut self, operand: bool) -> Result<Token, SyntaxError> {
        let next = self.lexer.next(operand)?;
        let taken = std::mem::replace(&mut self.token, next);
        self.check_known()?;
        Ok(taken)
    }

    fn check_known(&self) -> Result<(), SyntaxError> {
        if self.token.is("!") || self.token.is("~") {
            let message = format!("Unknown operator: {}", self.token.shown());
            return Err(wrong("S0204", message, self.token.position));
        }
        Ok(())
    }

    fn expect(&mut self, operator: &str, operand: bool) -> Result<(), SyntaxError> {
        if self.token.is(operator) {
            self.take(operand)?;
            return Ok(());
        }
        let position = self.token.position;
        Err(match self.token.kind {
            lexer::Kind::End => {
                wrong("S0203", format!("Expected {} before end of expression", quoted(operator)), position)
            }
            _ => {
                let message = format!("Expected {}, got {}", quoted(operator), self.token.shown());
                wrong("S0202", message, position)
            }
        })
    }

    fn expression(&mut self, power: u8) -> Result<Ast, SyntaxError> {
        self.depth += 1;
        if self.depth > HEIGHT_MAX {
            return Err(self.too_high());
        }
        let mut left = self.operand()?;
        while binding_power(&self.token) > power {
            left = self.operator(left)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    /// A node above `children`, unless that is too high.
    fn node(&self, kind: Kind, position: usize, child_height: usize) -> Result<Ast, SyntaxError> {
        let mut ast = Ast::new(kind, position);
        ast.height = child_height + 1;
        if ast.height > HEIGHT_MAX { Err(self.too_high()) } else { Ok(ast) }
    }

    fn too_high(&self) -> SyntaxError {
        let message = format!("The expression nests more than {HEIGHT_MAX} levels deep");
        wrong("S0201", message, self.token.position)
    }

    /// What may begin an expression.
    fn operand(&mut self) -> Result<Ast, SyntaxError> {
        let position = self.token.position;
        let kind = match self.token.kind.clone() {
            lexer::Kind::End => return Ok(Ast::new(Kind::End, position)),
            lexer::Kind::Name(name) => Kind::Name(name),
            lexer::Kind::Variable(name) => Kind::Variable(name),
            lexer::Kind::String(text) => Kind::String(text),
            lexer::Kind::Number(number) => Kind::Number(number),
            lexer::Kind::Constant(value) => Kind::Constant(value),
            lexer::Kind::Regex { pattern, flags } => Kind::Regex { pattern, flags },
            lexer::Kind::Operator(operator) => match operator {
                // Where a value must stand, these words are names.
                "and" | "or" | "in" => Kind::Name(operator.into()),
                "*" => Kind::Wildcard,
                "**" => Kind::Descendants,
                "%" => Kind::Parent(usize::MAX),
                "-" => {
                    self.take(true)?;
                    let value = self.expression(70)?;
                    let height = value.height;
                    return self.node(Kind::Negate(value), position, height);
                }
                "(" => return self.block(),
                "[" => return self.array(),
                "{" => {
                    self.take(true)?;
                    let (pairs, height) = self.pairs()?;
                    return self.node(Kind::Object(pairs), position, height);
                }
                "|" => return self.transform(),
                _ => {
                    let shown = self.token.shown();
                    let message = format!("The symbol {shown} cannot be used as a unary operator");
                    return Err(wrong("S0211", message, position));
                }
            },
        };
        self.take(false)?;
        Ok(Ast::new(kind, position))
    }

    fn block(&mut self) -> Result<Ast, SyntaxError> {
        let position = self.take(true)?.position;
        let mut expressions = Vec::new();
        let mut height = 0;
        while !self.token.is(")") {
            let expression = self.expression(0)?;
            height = height.max(expression.height);
            expressions.push(expression);
            if !self.token.is(";") {
                break;
            }
            self.take(true)?;
        }
        self.expect(")", false)?;
        self.node(Kind::Block(expressions), position, height)
    }

    fn array(&mut self) -> Result<Ast, SyntaxError> {
        let position = self.take(true)?.position;
        let mut items = Vec::new();
        let mut height = 0;
        if !self.token.is("]") {
            loop {
                let mut item = self.expression(0)?;
                if self.token.is("..") {
                    let position = self.take(true)?.position;
                    let last = self.expression(0)?;
                    let height = item.height.max(last.height);
                    item = self.node(Kind::Binary("..", item, last), position, height)?;
                }
                height = height.max(item.height);
                items.push(item);
                if !self.token.is(",") {
                    break;
                }
                self.take(true)?;
            }
        }
        self.expect("]", false)?;
        self.node(Kind::Array(items), position, height)
    }

    fn transform(&mut self) -> Result<Ast, SyntaxError> {
        let position = self.take(true)?.position;
        let pattern = self.expression(0)?;
        self.expect("|", true)?;
        let update = self.expression(0)?;
        let mut height = pattern.height.max(update.height);
        let mut delete = None;
        if self.token.is(",") {
            self.take(true)?;
            let names = self.expression(0)?;
            height = height.max(names.height);
            delete = Some(names);
        }
        self.expect("|", false)?;
        let kind = Kind::Transform { pattern, update, delete };
        self.node(kind, position, height)
    }

    /// What may follow `left`; the next token is an operator that binds it.
    fn operator(&mut self, mut left: Ast) -> Result<Ast, SyntaxError> {
        let token = self.take(true)?;
        let position = token.position;
        let lexer::Kind::Operator(operator) = token.kind else { return Ok(left) };
        let power = binding_power(&token);
        match operator {
            "(" => self.call(left, position),
            "[" if self.token.is("]") => {
                self.take(false)?;
                keep_array(&mut left);
                Ok(left)
            }
            "[" => self.predicate(left, position),
            "{" => self.group_by(left, position),
            "^" => self.order_by(left, position),
            "@" | "#" => self.binding(left, operator, position),
            "?" => self.condition(left, position),
            ":=" => self.bind(left, position),
            _ => {
                // Like the branches of a condition, these take all that follows.
                let power = if matches!(operator, "??" | "?:") { 0 } else { power };
                let right = self.expression(power)?;
                let height = left.height.max(right.height);
                self.node(Kind::Binary(operator, left, right), position, height)
            }
        }
    }

    fn predicate(&mut self, left: Ast, position: usize) -> Result<Ast, SyntaxError> {
        let predicate = self.expression(0)?;
        self.expect("]", false)?;
        let height = left.height.max(predicate.height);
        self.node(Kind::Predicate(left, predicate), position, height)
    }

    fn group_by(&mut self, left: Ast, position: usize) -> Result<Ast, SyntaxError> {
        let (pairs, height) = self.pairs()?;
        let height = height.max(left.height);
        self.node(Kind::GroupBy(left, pairs), position, height)
    }

    /// `@$name` and `#$name`
    fn binding(&mut self, left: Ast, operator: &'static str, position: usize) -> Result<Ast, SyntaxError> {
        let right = self.expression(80)?;
        let Kind::Variable(name) = right.0.kind else {
            let message =
                format!("The right side of {} must be a variable name (start with $)", quoted(operator));
            return Err(wrong("S0214", message, position));
        };
        let height = left.height;
        let kind = if operator == "@" { Kind::Focus(left, name) } else { Kind::Index(left, name) };
        self.node(kind, position, height)
    }

    fn condition(&mut self, left: Ast, position: usize) -> Result<Ast, SyntaxError> {
        let then = self.expression(0)?;
        let mut height = left.height.max(then.height);
        let mut otherwise = None;
        if self.token.is(":") {
            self.take(true)?;
            let value = self.expression(0)?;
            height = height.max(value.height);
            otherwise = Some(value);
        }
        self.node(Kind::Condition(left, then, otherwise), position, height)
    }

    fn bind(&mut self, left: Ast, position: usize) -> Result<Ast, SyntaxError> {
        if !matches!(left.kind, Kind::Variable(_)) {
            let message = "The left side of := must be a variable name (start with $)";
            return Err(wrong("S0212", message, position));
        }
        // It binds what stands to its right, another binding included.
        let value = self.expression(9)?;
        let height = value.height;
        self.node(Kind::Bind(left, value), position, height)
    }

    /// `key: value, …}` behind the brace, and the height of the highest of them.
    fn pairs(&mut self) -> Result<(Vec<(Ast, Ast)>, usize), SyntaxError> {
        let mut pairs = Vec::new();
        let mut height = 0;
        if !self.token.is("}") {
            loop {
                let key = self.expression(0)?;
                self.expect(":", true)?;
                let value = self.expression(0)?;
                height = height.max(key.height).max(value.height);
                pairs.push((key, value));
                if !self.token.is(",") {
                    break;
                }
                self.take(true)?;
            }
        }
        self.expect("}", false)?;
        Ok((pairs, height))
    }

    fn call(&mut self, procedure: Ast, position: usize) -> Result<Ast, SyntaxError> {
        let mut arguments = Vec::new();
        let mut height = procedure.height;
        let mut partial = false;
        if !self.token.is(")") {
            loop {
                if self.token.is("?") {
                    partial = true;
                    arguments.push(Ast::new(Kind::Placeholder, self.token.position));
                    self.take(true)?;
                } else {
                    let argument = self.expression(0)?;
                    height = height.max(argument.height);
                    arguments.push(argument);
                }
                if !self.token.is(",") {
                    break;
                }
                self.take(true)?;
            }
        }
        self.expect(")", false)?;
        match &procedure.kind {
            Kind::Name(name) if name == "function" || name == "λ" => self.lambda(arguments, position),
            _ => {
                let kind = Kind::Call { procedure, arguments, partial };
                self.node(kind, position, height)
            }
        }
    }

    /// The rest of a function definition behind its parameters.
    fn lambda(&mut self, parameters: Vec<Ast>, position: usize) -> Result<Ast, SyntaxError> {
        let names = parameter_names(parameters)?;
        let signature = self.signature(position)?;
        self.expect("{", true)?;
        let body = self.expression(0)?;
        self.expect("}", false)?;
        let height = body.height;
        self.node(Kind::Lambda { parameters: names, signature, body }, position, height)
    }

    fn signature(&mut self, position: usize) -> Result<Option<Signature>, SyntaxError> {
        if !self.token.is("<") {
            return Ok(None);
        }
        let mut depth = 1;
        let mut text = String::from("<");
        self.take(true)?;
        while depth > 0 && !self.token.is("{") && self.token.kind != lexer::Kind::End {
            let token = self.take(true)?;
            match &token.kind {
                lexer::Kind::Operator(">") => depth -= 1,
                lexer::Kind::Operator("<") => depth += 1,
                _ => {}
            }
            match &token.kind {
                lexer::Kind::Operator(operator) => text.push_str(operator),
                lexer::Kind::Name(name) => text.push_str(name),
                _ => text.push_str(&token.shown()),
            }
        }
        if depth > 0 {
            self.expect(">", true)?;
        }
        Signature::parse(&text).map(Some).map_err(|(code, message)| wrong(code, message, position))
    }

    fn order_by(&mut self, left: Ast, position: usize) -> Result<Ast, SyntaxError> {
        self.expect("(", true)?;
        let mut terms = Vec::new();
        let mut height = left.height;
        loop {
            let descending = self.token.is(">");
            if descending || self.token.is("<") {
                self.take(true)?;
            }
            let key = self.expression(0)?;
            height = height.max(key.height);
            terms.push(Term { descending, key });
            if !self.token.is(",") {
                break;
            }
            self.take(true)?;
        }
        self.expect(")", false)?;
        self.node(Kind::OrderBy(left, terms), position, height)
    }
}

fn parameter_names(parameters: Vec<Ast>) -> Result<Vec<Text>, SyntaxError> {
    let mut names = Vec::with_capacity(parameters.len());
    for (index, parameter) in parameters.into_iter().enumerate() {
        let position = parameter.position;
        let Kind::Variable(name) = parameter.0.kind else {
            let message = format!(
                "Parameter {} of function definition must be a variable name (start with $)",
                index + 1
            );
            return Err(wrong("S0208", message, position));
        };
        names.push(name);
    }
    Ok(names)
}
