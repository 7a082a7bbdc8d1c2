//! The schema: which columns there are, and how their values make a row again.
//!
//! Never here: bytes of pages.

use json::{Object, Text, Value};

use super::corrupt;
use super::scalar::Scalar;
use super::thrift::Thrift;
use crate::Failure;

/// A value of a column within a row: how it repeats, how far it is there, and itself.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) repetition: u32,
    pub(super) definition: u32,
    pub(super) value: Value,
}

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) scalar: Scalar,
    pub(super) repetition_max: u32,
    pub(super) definition_max: u32,
}

/// How a value is made of the entries of its columns.
#[derive(Debug)]
pub(super) enum Node {
    Column(usize),
    Struct(Vec<(Text, Node)>),
    /// `null` where the entries are not defined so far.
    Optional {
        definition: u32,
        first: usize,
        inner: Box<Node>,
    },
    /// An array; empty where they are not.
    List {
        repeat: Repeat,
        item: Box<Node>,
    },
    /// An object; its keys as texts.
    Map {
        repeat: Repeat,
        key: Box<Node>,
        value: Box<Node>,
    },
}

/// What repeats: columns from `first` to before `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeat {
    repetition: u32,
    definition: u32,
    first: usize,
    end: usize,
}

/// Schemas nest a few levels deep, and rows so deep are refused by no reader of JSON.
const DEPTH_MAX: usize = 64;

/// Reads the schema out of the footer.
pub(super) fn read(elements: &[Thrift]) -> Result<(Node, Vec<Column>), Failure> {
    let mut builder = Builder { elements: elements.iter(), columns: Vec::new() };
    let root = builder.elements.next().ok_or_else(|| corrupt("it has no schema"))?;
    let fields = builder.fields(root, Levels::default(), 0)?;
    Ok((Node::Struct(fields), builder.columns))
}

struct Builder<'t> {
    elements: std::slice::Iter<'t, Thrift>,
    columns: Vec<Column>,
}

#[derive(Clone, Copy, Default)]
struct Levels {
    repetition: u32,
    definition: u32,
}

impl<'t> Builder<'t> {
    fn fields(&mut self, group: &Thrift, levels: Levels, depth: usize) -> Result<Vec<(Text, Node)>, Failure> {
        let count = group.int(5).unwrap_or(0);
        // Each of them takes an element, so the footer bounds them.
        (0..count).map(|_| self.field(levels, depth)).collect()
    }

    fn element(&mut self) -> Result<&'t Thrift, Failure> {
        self.elements.next().ok_or_else(|| corrupt("its schema ends too early"))
    }

    fn field(&mut self, levels: Levels, depth: usize) -> Result<(Text, Node), Failure> {
        if depth > DEPTH_MAX {
            return Err(corrupt("its schema is too deep"));
        }
        let element = self.element()?;
        let name = Text::from(element.text(4).unwrap_or_default());
        let first = self.columns.len();
        let node = match element.int(3).unwrap_or(0) {
            0 => self.inner(element, levels, depth)?,
            1 => {
                let definition = levels.definition + 1;
                let inner = self.inner(element, Levels { definition, ..levels }, depth)?;
                Node::Optional { definition, first, inner: Box::new(inner) }
            }
            _ => {
                let levels = deeper(levels);
                let item = Box::new(self.inner(element, levels, depth)?);
                Node::List { repeat: self.repeat(levels, first), item }
            }
        };
        Ok((name, node))
    }

    fn repeat(&self, levels: Levels, first: usize) -> Repeat {
        Repeat {
            repetition: levels.repetition,
            definition: levels.definition,
            first,
            end: self.columns.len(),
        }
    }

    /// A field without what its repetition adds.
    fn inner(&mut self, element: &Thrift, levels: Levels, depth: usize) -> Result<Node, Failure> {
        let Some(count) = element.int(5).filter(|count| *count > 0) else {
            let name = element.text(4).unwrap_or_default();
            let scalar = Scalar::of(element)?;
            self.columns.push(Column {
                name,
                scalar,
                repetition_max: levels.repetition,
                definition_max: levels.definition,
            });
            return Ok(Node::Column(self.columns.len() - 1));
        };
        let annotation = |logical: i16, converted: &[i64]| {
            element.field(10).is_some_and(|union| union.field(logical).is_some())
                || element.int(6).is_some_and(|found| converted.contains(&found))
        };
        let repeated = self.elements.as_slice().first().filter(|child| count == 1 && child.int(3) == Some(2));
        let Some(repeated) = repeated else {
            return Ok(Node::Struct(self.fields(element, levels, depth + 1)?));
        };
        let children = repeated.int(5).unwrap_or(0);
        let first = self.columns.len();
        if annotation(2, &[1, 2]) && children == 2 {
            self.element()?;
            let levels = deeper(levels);
            let (_, key) = self.field(levels, depth + 2)?;
            let (_, value) = self.field(levels, depth + 2)?;
            let repeat = self.repeat(levels, first);
            return Ok(Node::Map { repeat, key: Box::new(key), value: Box::new(value) });
        }
        if annotation(3, &[3]) {
            self.element()?;
            let levels = deeper(levels);
            let repeated_name = repeated.text(4).unwrap_or_default();
            let own_name = element.text(4).unwrap_or_default();
            // Written by older programs, the repeated group is the item itself. (The format's rules for lists)
            let is_item =
                children != 1 || repeated_name == "array" || repeated_name == format!("{own_name}_tuple");
            let item = if is_item {
                self.inner(repeated, levels, depth + 1)?
            } else {
                self.field(levels, depth + 2)?.1
            };
            return Ok(Node::List { repeat: self.repeat(levels, first), item: Box::new(item) });
        }
        Ok(Node::Struct(self.fields(element, levels, depth + 1)?))
    }
}

fn deeper(levels: Levels) -> Levels {
    Levels { repetition: levels.repetition + 1, definition: levels.definition + 1 }
}

/// The entries of one row, column by column.
pub(super) struct Row<'e> {
    entries: Vec<&'e mut [Entry]>,
    /// Which of them belong to what is being made.
    spans: Vec<std::ops::Range<usize>>,
}

impl<'e> Row<'e> {
    pub(super) fn new(entries: Vec<&'e mut [Entry]>) -> Row<'e> {
        let spans = entries.iter().map(|entries| 0..entries.len()).collect();
        Row { entries, spans }
    }

    /// The first entry of a column in what is being made.
    fn entry(&mut self, column: usize) -> Result<&mut Entry, Failure> {
        let at = self.spans[column].clone().next();
        at.and_then(|at| self.entries[column].get_mut(at)).ok_or_else(|| corrupt("a row is incomplete"))
    }

    pub(super) fn make(&mut self, node: &Node) -> Result<Value, Failure> {
        match node {
            Node::Column(column) => Ok(std::mem::take(&mut self.entry(*column)?.value)),
            Node::Struct(fields) => {
                let members = fields.iter().map(|(name, node)| Ok((name.clone(), self.make(node)?)));
                Ok(Value::Object(members.collect::<Result<Object, Failure>>()?))
            }
            Node::Optional { definition, first, inner } => {
                // A group without columns has nothing to be undefined by.
                if *first < self.entries.len() && self.entry(*first)?.definition < *definition {
                    return Ok(Value::Null);
                }
                self.make(inner)
            }
            Node::List { repeat, item } => {
                let mut items = Vec::new();
                self.repeat(repeat, |row| {
                    items.push(row.make(item)?);
                    Ok(())
                })?;
                Ok(Value::from(items))
            }
            Node::Map { repeat, key, value } => {
                let mut object = Object::new();
                self.repeat(repeat, |row| {
                    let key = match row.make(key)? {
                        Value::String(text) => text,
                        other => Text::from(other.to_text()),
                    };
                    object.insert(key, row.make(value)?);
                    Ok(())
                })?;
                Ok(Value::Object(object))
            }
        }
    }

    /// Makes something of each repetition. Every round takes an entry of each column at least.
    fn repeat(
        &mut self,
        repeat: &Repeat,
        mut make: impl FnMut(&mut Row<'e>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let columns = repeat.first..repeat.end;
        if columns.is_empty() || self.entry(repeat.first)?.definition < repeat.definition {
            return Ok(());
        }
        let ends: Vec<usize> = columns.clone().map(|column| self.spans[column].end).collect();
        loop {
            for (column, end) in columns.clone().zip(&ends) {
                let start = self.spans[column].start;
                let rest = self.entries[column].get(start + 1..*end).unwrap_or_default();
                let more = rest.iter().position(|entry| entry.repetition <= repeat.repetition);
                self.spans[column].end = more.map_or(*end, |more| start + 1 + more);
            }
            make(self)?;
            for column in columns.clone() {
                self.spans[column].start = self.spans[column].end;
            }
            if self.spans[repeat.first].start >= ends[0] {
                break;
            }
        }
        for (column, end) in columns.zip(ends) {
            self.spans[column] = end..end;
        }
        Ok(())
    }
}
