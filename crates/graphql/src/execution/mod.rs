//! One request's execution, as a value: it says which fields it wants resolved and is told what they are.
//!
//! Fields without resolvers read their parent's value, and introspection is answered, in here; the cost is that
//! of what comes out. Never here: resolvers, `async`, a clock.

mod complete;
mod response;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use json::{Object, Text, Value};

use crate::error::{Details, Error, Refusal, Segment};
use crate::plan::{Info, Plan, PlanField, Set, Source};
use crate::schema::{Schema, TypeId};
use crate::syntax::ast::OperationKind;

/// More values make no response: AppSync's 5 MB hold no more, at five bytes each.
const VALUES_MAX: usize = 1_000_000;

/// Some fields of a schema's types.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldSet(BTreeSet<(TypeId, usize)>);

impl FieldSet {
    /// Of types' and fields' names; those that the schema does not have are left out.
    pub fn new<'n>(schema: &Schema, fields: impl IntoIterator<Item = (&'n str, &'n str)>) -> FieldSet {
        let place = |(type_, field): (&str, &str)| {
            let id = schema.id(type_)?;
            Some((id, schema.type_(id).field_place(field)?))
        };
        FieldSet(fields.into_iter().filter_map(place).collect())
    }
}

/// What an API lays down for all its requests, and what this one may not see.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The fields that have resolvers. All others read their parent's value.
    pub resolvers: Arc<FieldSet>,
    /// The fields that this request's identity may not see.
    pub denied: Arc<FieldSet>,
    /// Whether `__schema` and `__type` are answered.
    pub introspection: bool,
    /// `queryDepthLimit`; 0 for none.
    pub depth_max: usize,
    /// `resolverCountLimit`; 0 for AppSync's own 10,000.
    pub resolvers_max: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            resolvers: Arc::default(),
            denied: Arc::default(),
            introspection: true,
            depth_max: 0,
            resolvers_max: 0,
        }
    }
}

/// AppSync's bound on the resolvers of one request.
const RESOLVERS_MAX: usize = 10_000;

/// A field that its resolver must find.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// What [`Execution::resolved`] is told.
    pub id: FieldId,
    /// The type that has the field.
    pub parent_type: Text,
    /// The field's name in the schema.
    pub field: Text,
    /// `ctx.args`
    pub arguments: Object,
    /// `ctx.source`: the parent's value; null at the root.
    pub source: Value,
    /// Where the field stands in the response.
    pub path: Vec<Segment>,
    /// Where it stands in the request: fields of one place have the same [`Execution::info`].
    pub place: Place,
}

/// A field's place in a request, of one execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The address of the set, which lives as long as the execution does.
    set: usize,
    field: usize,
}

/// A field's number within its execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldId(usize);

/// What a resolver says of a failure: `util.error(message, errorType, data, errorInfo)`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldError {
    /// The message.
    pub message: String,
    /// What goes with it.
    pub details: Details,
}

/// Somebody told an execution of a field that it does not wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotWanted(pub FieldId);

/// One request's execution.
#[derive(Debug)]
pub struct Execution {
    plan: Arc<Plan>,
    settings: Settings,
    variables: Vec<Option<Value>>,
    /// The response so far; the first one is its root, and parents stand before children.
    nodes: Vec<Node>,
    errors: Vec<Error>,
    /// Nodes that have an error: a path has one only. (graphql-java)
    failed: BTreeSet<usize>,
    /// Fields that nobody was asked for yet.
    ready: Vec<usize>,
    /// Fields that were asked for and are not told, those in `ready` included.
    open: usize,
    resolvers_left: usize,
    /// A mutation's fields that wait for those before them.
    serial: VecDeque<usize>,
    /// Values to complete, the next one last.
    work: Vec<Work>,
}

/// One place of the response.
#[derive(Debug)]
struct Node {
    parent: usize,
    step: Step,
    /// Whether null goes on to the parent.
    required: bool,
    /// Fields above, this one included.
    depth: usize,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Root,
    /// The place in the parent's set.
    Field(usize),
    Index(usize),
}

#[derive(Debug)]
enum State {
    /// Not known yet. A resolver's field keeps its parent's value until it is asked for.
    Open(Value),
    Leaf(Value),
    /// Children stand one behind the other.
    List {
        first: usize,
        count: usize,
    },
    Object {
        set: Arc<Set>,
        first: usize,
    },
}

/// A value that is known and not checked yet.
#[derive(Debug)]
struct Work {
    node: usize,
    set: Arc<Set>,
    /// The field's place in `set`.
    place: usize,
    /// How many lists are around the value within its field.
    lists: usize,
    value: Value,
}

impl Execution {
    /// Begins. What needs no resolver is done at once.
    ///
    /// # Errors
    /// Variables that do not fit, introspection where it is switched off.
    pub fn new(plan: Arc<Plan>, variables: &Object, settings: Settings) -> Result<Execution, Refusal> {
        let variables = plan.variable_values(variables)?;
        let set = plan.root(&variables);
        if !settings.introspection {
            refuse_introspection(&plan, &set)?;
        }
        let resolvers_max = match settings.resolvers_max {
            0 => RESOLVERS_MAX,
            max => max,
        };
        let mut execution = Execution {
            plan,
            settings,
            variables,
            nodes: Vec::new(),
            errors: Vec::new(),
            failed: BTreeSet::new(),
            ready: Vec::new(),
            open: 0,
            resolvers_left: resolvers_max,
            serial: VecDeque::new(),
            work: Vec::new(),
        };
        let state = State::Object { set: set.clone(), first: 1 };
        execution.nodes.push(Node { parent: 0, step: Step::Root, required: false, depth: 0, state });
        let children = execution.add_fields(0, &set);
        if execution.plan.kind() == OperationKind::Mutation {
            execution.serial.extend(children);
        } else {
            execution.begin_all(children, &set, &Value::Null);
        }
        execution.run();
        Ok(execution)
    }

    /// The fields to resolve, each of them once: all that can be resolved by now.
    pub fn wanted(&mut self) -> Vec<Wanted> {
        let ready = std::mem::take(&mut self.ready);
        ready.into_iter().map(|node| self.wanted_field(node)).collect()
    }

    /// Whether the response is complete.
    pub fn is_done(&self) -> bool {
        self.open == 0
    }

    /// What a wanted field is told of the request.
    ///
    /// # Errors
    /// The field is not waited for.
    pub fn info(&self, id: FieldId) -> Result<Info, NotWanted> {
        let (set, place) = self.open_field(id)?;
        Ok(Info::new(&self.plan, set.type_id, &set.fields[place], &self.variables))
    }

    /// Tells what a field is.
    ///
    /// # Errors
    /// The field is not waited for; nothing has changed.
    pub fn resolved(&mut self, id: FieldId, result: Result<Value, FieldError>) -> Result<(), NotWanted> {
        let (set, place) = self.open_field(id)?;
        self.ready.retain(|node| *node != id.0);
        self.open -= 1;
        let value = match result {
            // What comes from outside is as deep as a parser allows; what a program makes may not be, and
            // printing recurses.
            Ok(value) if value.depth_exceeds(json::DEPTH_MAX) => {
                let message = format!("The result is nested more than {} levels deep.", json::DEPTH_MAX);
                self.fail(id.0, &set.fields[place], FieldError { message, ..FieldError::default() });
                Value::Null
            }
            Ok(value) => value,
            Err(error) => {
                self.fail(id.0, &set.fields[place], error);
                Value::Null
            }
        };
        self.work.push(Work { node: id.0, set, place, lists: 0, value });
        self.run();
        Ok(())
    }

    /// Adds an error to a wanted field that is still to be told its value: `util.appendError`.
    ///
    /// # Errors
    /// The field is not waited for.
    pub fn append_error(&mut self, id: FieldId, error: FieldError) -> Result<(), NotWanted> {
        let (set, place) = self.open_field(id)?;
        self.fail(id.0, &set.fields[place], error);
        Ok(())
    }

    fn open_field(&self, id: FieldId) -> Result<(Arc<Set>, usize), NotWanted> {
        let node = self.nodes.get(id.0).ok_or(NotWanted(id))?;
        let (State::Open(_), Step::Field(place)) = (&node.state, node.step) else {
            return Err(NotWanted(id));
        };
        // A mutation's field that waits for another one was not asked for.
        if self.serial.contains(&id.0) {
            return Err(NotWanted(id));
        }
        Ok((self.set_of(node.parent), place))
    }

    fn set_of(&self, node: usize) -> Arc<Set> {
        match &self.nodes[node].state {
            State::Object { set, .. } => set.clone(),
            State::Open(_) | State::Leaf(_) | State::List { .. } => {
                unreachable!("fields are added to objects only")
            }
        }
    }

    fn wanted_field(&mut self, node: usize) -> Wanted {
        let (parent, Step::Field(place)) = (self.nodes[node].parent, self.nodes[node].step) else {
            unreachable!("only fields have resolvers")
        };
        let set = self.set_of(parent);
        let field = &set.fields[place];
        let source = match &mut self.nodes[node].state {
            State::Open(source) => std::mem::take(source),
            State::Leaf(_) | State::List { .. } | State::Object { .. } => {
                unreachable!("resolved takes a field out of ready")
            }
        };
        Wanted {
            id: FieldId(node),
            parent_type: self.plan.schema().type_(set.type_id).name.clone(),
            field: field.name.clone(),
            arguments: field.arguments(&self.variables),
            source,
            path: self.path(node),
            place: Place { set: Arc::as_ptr(&set).addr(), field: place },
        }
    }

    /// Goes on until only resolvers can help.
    fn run(&mut self) {
        loop {
            while let Some(work) = self.work.pop() {
                self.complete(work);
            }
            if self.open > 0 {
                return;
            }
            let Some(node) = self.serial.pop_front() else { return };
            let set = self.set_of(0);
            self.begin(node, &set, &Value::Null);
        }
    }

    fn path(&self, mut node: usize) -> Vec<Segment> {
        let mut path = Vec::new();
        loop {
            let Node { parent, step, .. } = self.nodes[node];
            match step {
                Step::Root => break,
                Step::Field(place) => path.push(Segment::Key(self.set_of(parent).fields[place].key.clone())),
                Step::Index(place) => path.push(Segment::Index(place)),
            }
            node = parent;
        }
        path.reverse();
        path
    }

    /// Notes what a resolver, or somebody in its place, says of a failure.
    fn fail(&mut self, node: usize, field: &PlanField, error: FieldError) {
        self.failed.insert(node);
        let FieldError { message, mut details } = error;
        details.data = response::selected(&self.plan, field, details.data, &self.variables);
        let path = Some(self.path(node));
        self.errors.push(Error {
            message,
            path,
            location: Some(field.at),
            resolver: Some(Box::new(details)),
        });
    }
}

/// Without introspection its fields are as unknown as any other name.
fn refuse_introspection(plan: &Plan, set: &Set) -> Result<(), Refusal> {
    let asks = |field: &&PlanField| matches!(field.source, Source::Schema | Source::Type);
    let Some(field) = set.fields.iter().find(asks) else { return Ok(()) };
    let (name, type_) = (&field.name, &plan.schema().type_(set.type_id).name);
    let message = format!(
        "Validation error of type FieldUndefined: Field '{name}' in type '{type_}' is undefined @ '{name}'"
    );
    Err(Refusal::Invalid(vec![Error::of_request(message, Some(field.at))]))
}
