//! The parser's tree rearranged: chains of dots become paths, predicates become stages of the step
//! they follow, and each `%` finds the step whose input it means.

use crate::ast::{Ast, Kind, Stage, Term};
use crate::error::SyntaxError;
use crate::lexer::wrong;

/// A shaped tree and, for each `%`, the number of the binding that it reads.
pub(crate) struct Shaped {
    pub(crate) ast: Ast,
    pub(crate) ancestor_labels: Vec<usize>,
}

pub(crate) fn shape(ast: Ast) -> Result<Shaped, SyntaxError> {
    let mut shaper = Shaper { ancestors: Vec::new() };
    let ast = shaper.shape(ast)?;
    if matches!(ast.kind, Kind::Parent(_)) || !ast.seeking.is_empty() {
        return Err(no_parent(ast.position));
    }
    Ok(Shaped { ast, ancestor_labels: shaper.ancestors.into_iter().map(|ancestor| ancestor.label).collect() })
}

struct Shaper {
    /// Each `%` of the expression.
    ancestors: Vec<Ancestor>,
}

struct Ancestor {
    /// Two `%` that mean the same step read the same binding.
    label: usize,
    /// How many steps to the left its step still is.
    level: usize,
}

fn no_parent(position: usize) -> SyntaxError {
    let message = "The object representing the 'parent' cannot be derived from this expression";
    wrong("S0217", message, position)
}

/// The keys and values of an object.
type Pairs = Vec<(Ast, Ast)>;

type Shaping<T> = Result<T, SyntaxError>;

impl Shaper {
    fn shape(&mut self, mut ast: Ast) -> Shaping<Ast> {
        let keep_array = ast.keep_array;
        let kind = std::mem::replace(&mut ast.kind, Kind::End);
        let mut shaped = self.shape_kind(kind, ast)?;
        shaped.keep_array |= keep_array;
        Ok(shaped)
    }

    /// `shell` is the node that `kind` was taken out of.
    fn shape_kind(&mut self, kind: Kind, mut shell: Ast) -> Shaping<Ast> {
        let position = shell.position;
        match kind {
            Kind::End => Err(wrong("S0207", "Unexpected end of expression", position)),
            Kind::Name(_) => {
                let keep_singleton = shell.keep_array;
                shell.kind = kind;
                Ok(Ast::new(Kind::Path { steps: vec![shell], keep_singleton }, position))
            }
            Kind::Parent(_) => {
                let place = self.ancestors.len();
                self.ancestors.push(Ancestor { label: place, level: 1 });
                Ok(Ast::new(Kind::Parent(place), position))
            }
            Kind::Binary(".", left, right) => self.path(left, right, position),
            Kind::Binary(operator, left, right) => self.binary(operator, left, right, position),
            Kind::Predicate(left, predicate) => self.predicate(left, predicate),
            Kind::GroupBy(left, pairs) => self.group_by(left, pairs, position),
            Kind::OrderBy(left, terms) => self.order_by(left, terms, position),
            Kind::Focus(left, name) => self.focus(left, name, position, shell.keep_array),
            Kind::Index(left, name) => self.index(left, name),
            Kind::Negate(value) => self.negate(value, position),
            Kind::Array(items) => self.array(items, position),
            Kind::Object(pairs) => self.object(pairs, position),
            Kind::Bind(variable, value) => self.bind(variable, value, position),
            Kind::Condition(condition, then, otherwise) => {
                self.condition(condition, then, otherwise, position)
            }
            Kind::Block(expressions) => self.block(expressions, position),
            Kind::Call { procedure, arguments, partial } => {
                self.call(procedure, arguments, partial, position)
            }
            Kind::Lambda { parameters, signature, body } => {
                let body = self.shape(body)?;
                Ok(Ast::new(Kind::Lambda { parameters, signature, body }, position))
            }
            Kind::Transform { pattern, update, delete } => self.transform(pattern, update, delete, position),
            Kind::String(_)
            | Kind::Number(_)
            | Kind::Constant(_)
            | Kind::Variable(_)
            | Kind::Wildcard
            | Kind::Descendants
            | Kind::Placeholder
            | Kind::Regex { .. } => {
                shell.kind = kind;
                Ok(shell)
            }
            Kind::Path { .. } | Kind::Sort(_) => unreachable!("the parser makes no paths"),
        }
    }

    fn array(&mut self, items: Vec<Ast>, position: usize) -> Shaping<Ast> {
        let (items, seeking) = self.each(items)?;
        Ok(seeker(Kind::Array(items), position, seeking))
    }

    fn object(&mut self, pairs: Pairs, position: usize) -> Shaping<Ast> {
        let (pairs, seeking) = self.pairs(pairs)?;
        Ok(seeker(Kind::Object(pairs), position, seeking))
    }

    fn bind(&mut self, variable: Ast, value: Ast, position: usize) -> Shaping<Ast> {
        let value = self.shape(value)?;
        let seeking = seeking_of(&value);
        Ok(seeker(Kind::Bind(variable, value), position, seeking))
    }

    fn call(&mut self, procedure: Ast, arguments: Vec<Ast>, partial: bool, position: usize) -> Shaping<Ast> {
        let procedure = self.shape(procedure)?;
        let (arguments, seeking) = self.each(arguments)?;
        Ok(seeker(Kind::Call { procedure, arguments, partial }, position, seeking))
    }

    fn transform(&mut self, pattern: Ast, update: Ast, delete: Option<Ast>, position: usize) -> Shaping<Ast> {
        let pattern = self.shape(pattern)?;
        let update = self.shape(update)?;
        let delete = delete.map(|names| self.shape(names)).transpose()?;
        Ok(Ast::new(Kind::Transform { pattern, update, delete }, position))
    }

    fn binary(&mut self, operator: &'static str, left: Ast, right: Ast, position: usize) -> Shaping<Ast> {
        let left = self.shape(left)?;
        let right = self.shape(right)?;
        let seeking = [&left, &right].map(seeking_of).concat();
        // `a[] ~> f` keeps what its sides keep.
        let keep_array = operator == "~>" && (left.keep_array || right.keep_array);
        let mut shaped = seeker(Kind::Binary(operator, left, right), position, seeking);
        shaped.keep_array = keep_array;
        Ok(shaped)
    }

    fn group_by(&mut self, left: Ast, pairs: Pairs, position: usize) -> Shaping<Ast> {
        let mut left = self.shape(left)?;
        if left.group.is_some() {
            return Err(wrong("S0210", "Each step can only have one grouping expression", position));
        }
        left.group = Some(self.pairs(pairs)?.0);
        Ok(left)
    }

    fn index(&mut self, left: Ast, name: json::Text) -> Shaping<Ast> {
        let mut left = into_path(self.shape(left)?);
        let step = last_step(&mut left);
        match &mut step.stages {
            None => step.index = Some(name),
            Some(stages) => stages.push(Stage::Index(name)),
        }
        step.tuple = true;
        Ok(left)
    }

    fn negate(&mut self, value: Ast, position: usize) -> Shaping<Ast> {
        let mut value = self.shape(value)?;
        if let Kind::Number(number) = &mut value.kind {
            *number = -*number;
            return Ok(value);
        }
        let seeking = seeking_of(&value);
        Ok(seeker(Kind::Negate(value), position, seeking))
    }

    fn condition(
        &mut self,
        condition: Ast,
        then: Ast,
        otherwise: Option<Ast>,
        position: usize,
    ) -> Shaping<Ast> {
        let condition = self.shape(condition)?;
        let then = self.shape(then)?;
        let otherwise = otherwise.map(|value| self.shape(value)).transpose()?;
        let mut seeking = [&condition, &then].map(seeking_of).concat();
        seeking.extend(otherwise.iter().flat_map(seeking_of));
        Ok(seeker(Kind::Condition(condition, then, otherwise), position, seeking))
    }

    fn block(&mut self, expressions: Vec<Ast>, position: usize) -> Shaping<Ast> {
        let (expressions, seeking) = self.each(expressions)?;
        let constructs = expressions.iter().any(|expression| match &expression.kind {
            Kind::Path { steps, .. } => steps.first().is_some_and(|step| step.constructs),
            _ => expression.constructs,
        });
        let mut shaped = seeker(Kind::Block(expressions), position, seeking);
        shaped.constructs = constructs;
        Ok(shaped)
    }

    fn each(&mut self, parts: Vec<Ast>) -> Shaping<(Vec<Ast>, Vec<usize>)> {
        let parts = parts.into_iter().map(|part| self.shape(part)).collect::<Shaping<Vec<_>>>()?;
        let seeking = parts.iter().flat_map(seeking_of).collect();
        Ok((parts, seeking))
    }

    fn pairs(&mut self, pairs: Pairs) -> Shaping<(Pairs, Vec<usize>)> {
        let mut shaped = Vec::with_capacity(pairs.len());
        let mut seeking = Vec::new();
        for (key, value) in pairs {
            let (key, value) = (self.shape(key)?, self.shape(value)?);
            seeking.extend(seeking_of(&key));
            seeking.extend(seeking_of(&value));
            shaped.push((key, value));
        }
        Ok((shaped, seeking))
    }

    fn path(&mut self, left: Ast, right: Ast, position: usize) -> Shaping<Ast> {
        let left = self.shape(left)?;
        let mut path = if matches!(left.kind, Kind::Path { .. }) {
            left
        } else {
            let seeking = seeking_of(&left);
            let mut path = Ast::new(Kind::Path { steps: vec![left], keep_singleton: false }, position);
            path.seeking = seeking;
            path
        };
        let mut right = self.shape(right)?;
        let Kind::Path { steps, keep_singleton } = &mut path.kind else { unreachable!("made above") };
        match &mut right.kind {
            Kind::Path { steps: more, keep_singleton: keep } => {
                *keep_singleton |= *keep;
                steps.append(more);
            }
            _ => {
                if let Some(predicates) = right.predicates.take() {
                    right.stages = Some(predicates);
                }
                steps.push(right);
            }
        }
        for step in steps.iter_mut() {
            match &step.kind {
                Kind::Number(number) => {
                    return Err(not_a_step(&crate::number_text::number_text(*number), step.position));
                }
                Kind::Constant(value) => return Err(not_a_step(&value.to_text(), step.position)),
                Kind::String(name) => step.kind = Kind::Name(name.clone()),
                _ => {}
            }
        }
        *keep_singleton |= steps.iter().any(|step| step.keep_array);
        let last = steps.len() - 1;
        for end in [0, last] {
            if matches!(steps[end].kind, Kind::Array(_)) {
                steps[end].constructs = true;
            }
        }
        self.resolve(&mut path)?;
        Ok(path)
    }

    fn predicate(&mut self, left: Ast, predicate: Ast) -> Shaping<Ast> {
        let mut left = self.shape(left)?;
        let is_path = matches!(left.kind, Kind::Path { .. });
        let position = predicate.position;
        // A path's group comes last, so a filter behind it still is its last step's.
        let step = if is_path { last_step(&mut left) } else { &mut left };
        if step.group.is_some() {
            let message = "A predicate cannot follow a grouping expression in a step";
            return Err(wrong("S0209", message, position));
        }
        let mut predicate = self.shape(predicate)?;
        let step = if is_path { last_step(&mut left) } else { &mut left };
        let seeking = std::mem::take(&mut predicate.seeking);
        let mut all = seeking.clone();
        if let Kind::Parent(place) = predicate.kind
            && !all.contains(&place)
        {
            all.push(place);
        }
        for place in seeking {
            if self.ancestors[place].level == 1 {
                self.seek(step, place)?;
            } else {
                self.ancestors[place].level -= 1;
            }
        }
        step.seeking.extend(all);
        let stages = if is_path { &mut step.stages } else { &mut step.predicates };
        stages.get_or_insert_default().push(Stage::Filter(predicate));
        Ok(left)
    }

    fn order_by(&mut self, left: Ast, terms: Vec<Term>, position: usize) -> Shaping<Ast> {
        let left = self.shape(left)?;
        let mut path = if matches!(left.kind, Kind::Path { .. }) {
            left
        } else {
            Ast::new(Kind::Path { steps: vec![left], keep_singleton: false }, position)
        };
        let mut seeking = Vec::new();
        let mut shaped = Vec::with_capacity(terms.len());
        for Term { descending, key } in terms {
            let key = self.shape(key)?;
            seeking.extend(seeking_of(&key));
            shaped.push(Term { descending, key });
        }
        let mut sort = Ast::new(Kind::Sort(shaped), position);
        sort.seeking = seeking;
        let Kind::Path { steps, .. } = &mut path.kind else { unreachable!("made above") };
        steps.push(sort);
        self.resolve(&mut path)?;
        Ok(path)
    }

    fn focus(&mut self, left: Ast, name: json::Text, position: usize, keep_array: bool) -> Shaping<Ast> {
        let mut left = self.shape(left)?;
        let step = if matches!(left.kind, Kind::Path { .. }) { last_step(&mut left) } else { &mut left };
        if step.stages.is_some() || step.predicates.is_some() {
            let message = "A context variable binding must precede any predicates on a step";
            return Err(wrong("S0215", message, position));
        }
        if matches!(step.kind, Kind::Sort(_)) {
            let message = "A context variable binding must precede the 'order-by' clause on a step";
            return Err(wrong("S0216", message, position));
        }
        step.keep_array |= keep_array;
        step.focus = Some(name);
        step.tuple = true;
        Ok(left)
    }

    /// Looks for the steps that the `%` in the last step of a path mean.
    fn resolve(&mut self, path: &mut Ast) -> Shaping<()> {
        let Kind::Path { steps, .. } = &mut path.kind else { return Ok(()) };
        let Some(last) = steps.last() else { return Ok(()) };
        let mut unresolved = Vec::new();
        for place in seeking_of(last) {
            let mut index = steps.len() - 1;
            while self.ancestors[place].level > 0 {
                if index == 0 {
                    unresolved.push(place);
                    break;
                }
                index -= 1;
                // Several steps that bind their items have one input among them.
                while index > 0 && steps[index].focus.is_some() && steps[index - 1].focus.is_some() {
                    index -= 1;
                }
                self.seek(&mut steps[index], place)?;
            }
        }
        path.seeking.extend(unresolved);
        Ok(())
    }

    /// Takes one `%` one step to the left: over `node`, which becomes its ancestor if it is the one.
    fn seek(&mut self, node: &mut Ast, place: usize) -> Shaping<()> {
        let node = &mut *node.0;
        match &mut node.kind {
            Kind::Name(_) | Kind::Wildcard => {
                self.ancestors[place].level -= 1;
                if self.ancestors[place].level == 0 {
                    if let Some(earlier) = node.ancestor {
                        self.ancestors[place].label = self.ancestors[earlier].label;
                    }
                    node.ancestor = Some(place);
                    node.tuple = true;
                }
                Ok(())
            }
            Kind::Parent(_) => {
                self.ancestors[place].level += 1;
                Ok(())
            }
            Kind::Block(expressions) => {
                let Some(last) = expressions.last_mut() else { return Ok(()) };
                node.tuple = true;
                self.seek(last, place)
            }
            Kind::Path { steps, .. } => {
                node.tuple = true;
                for step in steps.iter_mut().rev() {
                    self.seek(step, place)?;
                    if self.ancestors[place].level == 0 {
                        break;
                    }
                }
                Ok(())
            }
            _ => Err(no_parent(node.position)),
        }
    }
}

/// A node with the `%` in it that look for their steps.
fn seeker(kind: Kind, position: usize, seeking: Vec<usize>) -> Ast {
    let mut ast = Ast::new(kind, position);
    ast.seeking = seeking;
    ast
}

/// The `%` in a node that have found no step yet.
fn seeking_of(ast: &Ast) -> Vec<usize> {
    let mut seeking = ast.seeking.clone();
    if let Kind::Parent(place) = ast.kind {
        seeking.push(place);
    }
    seeking
}

fn not_a_step(value: &str, position: usize) -> SyntaxError {
    let message = format!("The literal value {value} cannot be used as a step within a path expression");
    wrong("S0213", message, position)
}

fn last_step(path: &mut Ast) -> &mut Ast {
    let Kind::Path { steps, .. } = &mut path.kind else { unreachable!("the caller knows that it is a path") };
    steps.last_mut().expect("a path has a step")
}

/// A path of one step, whose filters are the step's.
fn into_path(mut ast: Ast) -> Ast {
    if matches!(ast.kind, Kind::Path { .. }) {
        return ast;
    }
    if let Some(predicates) = ast.predicates.take() {
        ast.stages = Some(predicates);
    }
    let position = ast.position;
    Ast::new(Kind::Path { steps: vec![ast], keep_singleton: false }, position)
}
