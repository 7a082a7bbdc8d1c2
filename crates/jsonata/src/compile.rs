//! The shaped tree into a program: every variable gets its place, constant paths become one
//! instruction, regular expressions are compiled.

use std::collections::{BTreeMap, BTreeSet};

use json::{Text, Value};

use crate::ast::{self, Ast, Kind};
use crate::error::SyntaxError;
use crate::lexer::wrong;
use crate::program::{
    Action, Arithmetic, Call, Candidate, Comparison, Global, Lambda, Node, Pairs, Part, Path, Place, Program,
    Stage, Step, Target, Term, Transform, Variable,
};
use crate::regular_expression::Regex;
use crate::shape::Shaped;
use crate::signature::Signature;
use crate::surroundings::StatesMember;

/// A compiled regular expression takes up to 256 KiB; this keeps all of them below 16 MiB.
const REGEXES_MAX: usize = 64;

pub(crate) fn compile(shaped: &Shaped) -> Result<Program, SyntaxError> {
    let mut binding_names = BTreeMap::new();
    visit(&shaped.ast, &mut |ast| {
        let stages = ast.stages.iter().chain(&ast.predicates).flatten();
        let indexes = stages.filter_map(|stage| match stage {
            ast::Stage::Index(name) => Some(name),
            ast::Stage::Filter(_) => None,
        });
        for name in ast.focus.iter().chain(&ast.index).chain(indexes) {
            let number = binding_names.len() as u32;
            binding_names.entry(name.clone()).or_insert(number);
        }
    });
    let mut compiler = Compiler {
        ancestor_labels: &shaped.ancestor_labels,
        binding_names,
        scopes: Vec::new(),
        globals: Vec::new(),
        global_places: BTreeMap::new(),
        regexes: 0,
    };
    let mut names = Names::default();
    names.collect(&shaped.ast);
    let slots = names.slots;
    compiler.scopes.push(Scope::Slots(names));
    let root = compiler.node(&shaped.ast)?;
    Ok(Program { root, slots, globals: compiler.globals })
}

struct Compiler<'t> {
    ancestor_labels: &'t [usize],
    /// The names behind `@` and `#` anywhere, whose places are their bindings' numbers; the labels
    /// of `%` come after them.
    binding_names: BTreeMap<Text, u32>,
    /// One for each frame that there is at run time, the innermost last.
    scopes: Vec<Scope>,
    globals: Vec<Global>,
    global_places: BTreeMap<Text, usize>,
    regexes: usize,
}

enum Scope {
    Slots(Names),
    /// The bindings of the items of a path.
    Bindings,
}

/// The names in a frame and their slots.
#[derive(Default)]
struct Names {
    places: BTreeMap<Text, usize>,
    slots: usize,
    /// The first so many slots are always bound.
    parameters: usize,
}

impl Names {
    /// Of parameters with one name the last one counts.
    fn of_parameters(parameters: &[Text]) -> Names {
        let places = parameters.iter().enumerate().map(|(slot, name)| (name.clone(), slot)).collect();
        Names { places, slots: parameters.len(), parameters: parameters.len() }
    }

    /// Adds the names that `ast` binds in its own frame: not those within blocks and functions.
    fn collect(&mut self, ast: &Ast) {
        if let Kind::Bind(variable, _) = &ast.kind
            && let Kind::Variable(name) = &variable.kind
            && !matches!(&**name, "" | "$")
            && !self.places.contains_key(name)
        {
            self.places.insert(name.clone(), self.slots);
            self.slots += 1;
        }
        match ast.kind {
            // What stands behind a block (filters, groups) is evaluated outside of it.
            Kind::Block(_) => behind(ast).into_iter().for_each(|child| self.collect(child)),
            Kind::Lambda { .. } => {}
            _ => children(ast, &mut |child| self.collect(child)),
        }
    }
}

/// Calls `act` on a node and all below it.
pub(crate) fn visit<'t>(ast: &'t Ast, act: &mut impl FnMut(&'t Ast)) {
    act(ast);
    children(ast, &mut |child| visit(child, act));
}

/// Calls `act` on what lies directly below a node.
pub(crate) fn children<'t>(ast: &'t Ast, act: &mut dyn FnMut(&'t Ast)) {
    match &ast.kind {
        Kind::Array(parts) | Kind::Block(parts) | Kind::Path { steps: parts, .. } => {
            parts.iter().for_each(&mut *act);
        }
        Kind::Object(pairs) => pairs.iter().for_each(|(key, value)| {
            act(key);
            act(value);
        }),
        Kind::Negate(value) => act(value),
        Kind::Binary(_, left, right) | Kind::Bind(left, right) => {
            act(left);
            act(right);
        }
        Kind::Condition(condition, then, otherwise) => {
            act(condition);
            act(then);
            if let Some(otherwise) = otherwise {
                act(otherwise);
            }
        }
        Kind::Call { procedure, arguments, .. } => {
            act(procedure);
            arguments.iter().for_each(&mut *act);
        }
        Kind::Lambda { body, .. } => act(body),
        Kind::Transform { pattern, update, delete } => {
            act(pattern);
            act(update);
            if let Some(delete) = delete {
                act(delete);
            }
        }
        Kind::Sort(terms) => terms.iter().for_each(|term| act(&term.key)),
        _ => {}
    }
    behind(ast).into_iter().for_each(act);
}

/// Filters and groups behind a node, which see other items than the node does.
pub(crate) fn behind(ast: &Ast) -> Vec<&Ast> {
    let mut all = Vec::new();
    for stage in ast.predicates.iter().chain(&ast.stages).flatten() {
        if let ast::Stage::Filter(filter) = stage {
            all.push(filter);
        }
    }
    for (key, value) in ast.group.iter().flatten() {
        all.push(key);
        all.push(value);
    }
    all
}

type Compiled<T> = Result<T, SyntaxError>;

impl Compiler<'_> {
    fn node(&mut self, ast: &Ast) -> Compiled<Node> {
        let mut node = match &ast.kind {
            Kind::Path { steps, keep_singleton } => {
                return self.path(ast, steps, *keep_singleton || ast.keep_array);
            }
            _ => self.bare(ast)?,
        };
        if let Some(stages) = &ast.predicates {
            node = Node::Filtered(Box::new(node), self.stages(stages)?);
        }
        if let Some(group) = &ast.group {
            node = Node::Grouped(Box::new(node), self.pairs(group)?);
        }
        if ast.keep_array {
            node = Node::Keep(Box::new(node));
        }
        Ok(node)
    }

    fn boxed(&mut self, ast: &Ast) -> Compiled<Box<Node>> {
        self.node(ast).map(Box::new)
    }

    /// A node without what stands behind it. Each kind with something below it has a function of its
    /// own: this one recurses, and should need little stack.
    fn bare(&mut self, ast: &Ast) -> Compiled<Node> {
        match &ast.kind {
            Kind::String(_)
            | Kind::Number(_)
            | Kind::Constant(_)
            | Kind::Name(_)
            | Kind::Variable(_)
            | Kind::Wildcard
            | Kind::Descendants
            | Kind::Parent(_) => Ok(self.leaf(ast)),
            Kind::Placeholder => Err(wrong("S0201", "Syntax error: \"?\"", ast.position)),
            Kind::Regex { pattern, flags } => self.regex(pattern, flags, ast.position),
            Kind::Array(items) => self.array(items, ast.constructs),
            Kind::Object(pairs) => self.pairs(pairs).map(Node::Object),
            Kind::Negate(value) => self.boxed(value).map(Node::Negate),
            Kind::Binary(operator, left, right) => self.binary(operator, left, right),
            Kind::Bind(variable, value) => self.bind(variable, value),
            Kind::Condition(condition, then, otherwise) => {
                self.condition(condition, then, otherwise.as_ref())
            }
            Kind::Block(expressions) => self.block(expressions),
            Kind::Call { procedure, arguments, partial } => self.call(procedure, arguments, *partial),
            Kind::Lambda { parameters, signature, body } => self.lambda(parameters, signature, body),
            Kind::Transform { pattern, update, delete } => self.transform(pattern, update, delete.as_ref()),
            Kind::Path { .. }
            | Kind::Sort(_)
            | Kind::End
            | Kind::Predicate(..)
            | Kind::GroupBy(..)
            | Kind::OrderBy(..)
            | Kind::Focus(..)
            | Kind::Index(..) => unreachable!("shape leaves no such node here"),
        }
    }

    fn leaf(&mut self, ast: &Ast) -> Node {
        match &ast.kind {
            Kind::String(text) => Node::Constant(Value::String(text.clone())),
            Kind::Number(number) => Node::Constant(crate::item::normal(Value::Float(*number))),
            Kind::Constant(value) => Node::Constant(value.clone()),
            Kind::Name(name) => Node::Name(name.clone()),
            Kind::Variable(name) => match &**name {
                "" => Node::Context,
                "$" => Node::Root,
                _ => self.variable(name, true),
            },
            Kind::Wildcard => Node::Wildcard,
            Kind::Descendants => Node::Descendants,
            Kind::Parent(place) => {
                let label = self.binding_names.len() + self.ancestor_labels[*place];
                let scopes = self.scopes.iter().rev().enumerate();
                let bindings = scopes.filter(|(_, scope)| matches!(scope, Scope::Bindings));
                Node::Ancestor {
                    label: label as u32,
                    candidates: bindings.map(|(depth, _)| depth as u16).collect(),
                }
            }
            _ => unreachable!("bare knows the leaves"),
        }
    }

    fn regex(&mut self, pattern: &str, flags: &str, position: usize) -> Compiled<Node> {
        self.regexes += 1;
        if self.regexes > REGEXES_MAX {
            let message = format!("More than {REGEXES_MAX} regular expressions are not supported");
            return Err(wrong("S0302", message, position));
        }
        let regex = Regex::compile(pattern, flags).map_err(|message| wrong("S0302", message, position))?;
        Ok(Node::Regex(Box::new(regex)))
    }

    fn array(&mut self, items: &[Ast], constructs: bool) -> Compiled<Node> {
        let mut parts = Vec::with_capacity(items.len());
        for item in items {
            parts.push(Part { node: self.node(item)?, nested: matches!(item.kind, Kind::Array(_)) });
        }
        Ok(Node::Array { items: parts, constructs })
    }

    fn bind(&mut self, variable: &Ast, value: &Ast) -> Compiled<Node> {
        let value = self.boxed(value)?;
        let Kind::Variable(name) = &variable.kind else { unreachable!("the parser checks it") };
        Ok(Node::Bind { target: self.target(name), value })
    }

    fn condition(&mut self, condition: &Ast, then: &Ast, otherwise: Option<&Ast>) -> Compiled<Node> {
        let condition = self.boxed(condition)?;
        let then = self.boxed(then)?;
        let otherwise = otherwise.map(|value| self.boxed(value)).transpose()?;
        Ok(Node::Condition(condition, then, otherwise))
    }

    fn block(&mut self, expressions: &[Ast]) -> Compiled<Node> {
        let mut names = Names::default();
        expressions.iter().for_each(|expression| names.collect(expression));
        let slots = names.slots;
        if slots > 0 {
            self.scopes.push(Scope::Slots(names));
        }
        let mut nodes = Vec::with_capacity(expressions.len());
        for expression in expressions {
            nodes.push(self.node(expression)?);
        }
        if slots > 0 {
            self.scopes.pop();
        }
        Ok(Node::Block { slots, nodes })
    }

    fn lambda(&mut self, parameters: &[Text], signature: &Option<Signature>, body: &Ast) -> Compiled<Node> {
        let mut names = Names::of_parameters(parameters);
        names.collect(body);
        let slots = names.slots;
        if slots > 0 {
            self.scopes.push(Scope::Slots(names));
        }
        let body = self.node(body)?;
        if slots > 0 {
            self.scopes.pop();
        }
        let signature = signature.clone();
        Ok(Node::Lambda(Box::new(Lambda { parameters: parameters.len(), slots, signature, body })))
    }

    fn transform(&mut self, pattern: &Ast, update: &Ast, delete: Option<&Ast>) -> Compiled<Node> {
        let pattern = self.node(pattern)?;
        let update = self.node(update)?;
        let delete = delete.map(|names| self.node(names)).transpose()?;
        Ok(Node::Transform(Box::new(Transform { pattern, update, delete })))
    }

    fn binary(&mut self, operator: &str, left: &Ast, right: &Ast) -> Compiled<Node> {
        let left = self.boxed(left)?;
        let right = self.boxed(right)?;
        Ok(match operator {
            "+" => Node::Arithmetic(Arithmetic::Add, left, right),
            "-" => Node::Arithmetic(Arithmetic::Subtract, left, right),
            "*" => Node::Arithmetic(Arithmetic::Multiply, left, right),
            "/" => Node::Arithmetic(Arithmetic::Divide, left, right),
            "%" => Node::Arithmetic(Arithmetic::Remainder, left, right),
            "=" => Node::Equal { negated: false, left, right },
            "!=" => Node::Equal { negated: true, left, right },
            "<" => Node::Compare(Comparison::Less, left, right),
            "<=" => Node::Compare(Comparison::LessOrEqual, left, right),
            ">" => Node::Compare(Comparison::Greater, left, right),
            ">=" => Node::Compare(Comparison::GreaterOrEqual, left, right),
            "in" => Node::In(left, right),
            "and" => Node::And(left, right),
            "or" => Node::Or(left, right),
            "&" => Node::Concatenate(left, right),
            ".." => Node::Range(left, right),
            "~>" => Node::Apply(left, right),
            "??" => Node::Coalesce(left, right),
            "?:" => Node::Default(left, right),
            other => unreachable!("the parser makes no operator {other}"),
        })
    }

    fn call(&mut self, procedure: &Ast, arguments: &[Ast], partial: bool) -> Compiled<Node> {
        let (name, meant) = match &procedure.kind {
            Kind::Variable(name) => (Some(name.clone()), None),
            Kind::Path { steps, .. } => match steps.first().map(|step| &step.kind) {
                Some(Kind::Name(name)) => {
                    let meant =
                        if steps.len() == 1 { Some(Box::new(self.variable(name, false))) } else { None };
                    (Some(name.clone()), meant)
                }
                _ => (None, None),
            },
            _ => (None, None),
        };
        let procedure = self.node(procedure)?;
        let mut nodes = Vec::with_capacity(arguments.len());
        for argument in arguments {
            nodes.push(match argument.kind {
                Kind::Placeholder => None,
                _ => Some(self.node(argument)?),
            });
        }
        let call = Box::new(Call { procedure, arguments: nodes, name, meant });
        Ok(if partial { Node::Partial(call) } else { Node::Call(call) })
    }

    /// `written`: it stands in the text as a variable, and is not only guessed to be meant.
    fn variable(&mut self, name: &Text, written: bool) -> Node {
        let mut candidates = Vec::new();
        let mut certain = false;
        for (depth, scope) in self.scopes.iter().rev().enumerate() {
            let depth = depth as u16;
            match scope {
                Scope::Slots(names) => {
                    if let Some(slot) = names.places.get(name) {
                        candidates.push(Candidate { depth, place: Place::Slot(*slot as u32) });
                        certain = *slot < names.parameters;
                    }
                }
                Scope::Bindings => {
                    if let Some(number) = self.binding_names.get(name) {
                        candidates.push(Candidate { depth, place: Place::Binding(*number) });
                    }
                }
            }
            if certain {
                break;
            }
        }
        let free = written && candidates.is_empty();
        let global = (!certain).then(|| self.global(name, free));
        match (candidates.is_empty(), global) {
            (true, Some(global)) => Node::Global(global),
            (_, global) => Node::Variable(Variable { candidates, global }),
        }
    }

    fn global(&mut self, name: &Text, free: bool) -> usize {
        let globals = &mut self.globals;
        let place = *self.global_places.entry(name.clone()).or_insert_with(|| {
            globals.push(Global { name: name.clone(), free: false });
            globals.len() - 1
        });
        self.globals[place].free |= free;
        place
    }

    fn target(&mut self, name: &Text) -> Target {
        let place = match self.scopes.last() {
            Some(Scope::Slots(names)) => names.places.get(name).map(|slot| Place::Slot(*slot as u32)),
            Some(Scope::Bindings) => self.binding_names.get(name).map(|number| Place::Binding(*number)),
            None => None,
        };
        place.map_or(Target::Nowhere, Target::Place)
    }

    fn pairs(&mut self, pairs: &[(Ast, Ast)]) -> Compiled<Pairs> {
        let pairs = pairs
            .iter()
            .map(|(key, value)| Ok((self.node(key)?, self.node(value)?)))
            .collect::<Compiled<Vec<_>>>()?;
        let literals = pairs.iter().map(|(key, _)| match key {
            Node::Constant(Value::String(name)) => Some(name.clone()),
            _ => None,
        });
        let names = literals.collect::<Option<Vec<Text>>>();
        let names = names.filter(|names| names.iter().collect::<BTreeSet<_>>().len() == names.len());
        Ok(Pairs { pairs, names })
    }

    fn stages(&mut self, stages: &[ast::Stage]) -> Compiled<Vec<Stage>> {
        stages
            .iter()
            .map(|stage| {
                Ok(match stage {
                    ast::Stage::Filter(filter) => Stage::Filter(self.node(filter)?),
                    ast::Stage::Index(name) => Stage::Index(self.binding(name)),
                })
            })
            .collect()
    }

    fn binding(&self, name: &Text) -> u32 {
        self.binding_names[name]
    }

    fn path(&mut self, ast: &Ast, steps: &[Ast], keep_singleton: bool) -> Compiled<Node> {
        if let Some(node) = self.names(ast, steps, keep_singleton)? {
            return Ok(node);
        }
        let absolute = matches!(steps[0].kind, Kind::Variable(_));
        let mut compiled = Vec::with_capacity(steps.len());
        let mut steps = steps;
        if let Some(step) = self.states_step(steps)? {
            compiled.push(step);
            steps = &steps[2..];
        }
        let before = compiled.len();
        let tuples_from = steps.iter().position(|step| step.tuple);
        for (index, step) in steps.iter().enumerate() {
            if tuples_from == Some(index) {
                self.scopes.push(Scope::Bindings);
            }
            compiled.push(self.step(step)?);
        }
        let group = ast.group.as_ref().map(|pairs| self.pairs(pairs)).transpose()?;
        if tuples_from.is_some() {
            self.scopes.pop();
        }
        let path = Path {
            steps: compiled,
            tuples_from: tuples_from.map(|place| place + before),
            hands_on_tuples: ast.tuple,
            absolute,
            keep_singleton,
            group,
        };
        let mut node = Node::Path(Box::new(path));
        // A path as a predicate's subject: `(a.b)[0]` keeps its filters on the block instead.
        if let Some(stages) = &ast.predicates {
            node = Node::Filtered(Box::new(node), self.stages(stages)?);
        }
        Ok(node)
    }

    /// A path of nothing but names, perhaps behind a variable, is one instruction.
    fn names(&mut self, ast: &Ast, steps: &[Ast], keep_singleton: bool) -> Compiled<Option<Node>> {
        if keep_singleton
            || ast.group.is_some()
            || ast.tuple
            || ast.predicates.is_some()
            || !steps.iter().all(is_plain)
        {
            return Ok(None);
        }
        let behind = &steps[1..];
        let names: Option<Vec<Text>> = behind
            .iter()
            .map(|step| if let Kind::Name(name) = &step.kind { Some(name.clone()) } else { None })
            .collect();
        let Some(mut names) = names else { return Ok(None) };
        match &steps[0].kind {
            Kind::Name(name) => {
                names.insert(0, name.clone());
                Ok(Some(Node::Names { start: None, names: names.into() }))
            }
            Kind::Variable(name) if !names.is_empty() => {
                let mut start = self.bare(&steps[0])?;
                if &**name == "states"
                    && matches!(start, Node::Global(_))
                    && let Some(member) = StatesMember::of(&names[0])
                {
                    start = Node::States(member);
                    names.remove(0);
                    if names.is_empty() {
                        return Ok(Some(start));
                    }
                }
                Ok(Some(Node::Names { start: Some(Box::new(start)), names: names.into() }))
            }
            _ => Ok(None),
        }
    }

    /// `$states.input`, which begins most paths, as one step: what it means lies outside and is not copied.
    fn states_step(&mut self, steps: &[Ast]) -> Compiled<Option<Step>> {
        let [first, second, ..] = steps else { return Ok(None) };
        let member = match (&first.kind, &second.kind) {
            (Kind::Variable(states), Kind::Name(name)) if &**states == "states" => StatesMember::of(name),
            _ => None,
        };
        let Some(member) = member else { return Ok(None) };
        if !is_plain(first) || second.tuple || !matches!(self.bare(first)?, Node::Global(_)) {
            return Ok(None);
        }
        let step = self.step(second)?;
        Ok(Some(Step { action: Action::Evaluate(Node::States(member)), ..step }))
    }

    fn step(&mut self, step: &Ast) -> Compiled<Step> {
        let action = match &step.kind {
            Kind::Sort(terms) => {
                let terms = terms
                    .iter()
                    .map(|term| Ok(Term { descending: term.descending, key: self.node(&term.key)? }));
                Action::Sort(terms.collect::<Compiled<_>>()?)
            }
            _ => Action::Evaluate(without_parentheses(self.node(step)?)),
        };
        let stages = step.stages.as_ref().map(|stages| self.stages(stages)).transpose()?.unwrap_or_default();
        let label = |place: usize| (self.binding_names.len() + self.ancestor_labels[place]) as u32;
        Ok(Step {
            action,
            stages,
            focus: step.focus.as_ref().map(|name| self.binding(name)),
            index: step.index.as_ref().map(|name| self.binding(name)),
            ancestor: step.ancestor.map(label),
            constructs: step.constructs,
        })
    }
}

/// Nothing stands behind it.
fn is_plain(step: &Ast) -> bool {
    step.stages.is_none()
        && step.predicates.is_none()
        && step.group.is_none()
        && step.focus.is_none()
        && step.index.is_none()
        && !step.tuple
        && !step.keep_array
}

/// `(a * b)` as a step is what its operator gives: there is nothing in it that only a block has.
fn without_parentheses(node: Node) -> Node {
    match node {
        Node::Block { slots: 0, mut nodes } if nodes.len() == 1 && is_operator(&nodes[0]) => nodes.remove(0),
        node => node,
    }
}

fn is_operator(node: &Node) -> bool {
    use Node::*;
    matches!(
        node,
        Arithmetic(..) | Negate(_) | Equal { .. } | Compare(..) | And(..) | Or(..) | Concatenate(..)
    )
}
