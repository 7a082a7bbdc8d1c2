//! Merged APIs: schemas of several APIs become one, and their resolvers answer for it.
//!
//! What is in one schema only is taken over; what is in several must be the same, unless one says `@canonical`. `@hidden`
//! leaves out, `@renamed` gives another name. Never here: which APIs belong together; `control` knows.

mod print;
mod source;
#[cfg(test)]
mod tests;
mod view;

use graphql::syntax::ast::{Directive, FieldDefinition, InputDefinition, TypeDefinition, TypeKind};
use json::Text;

use print::{directives_text, field_text, input_text};

pub(crate) use view::{of_merged, users_of};

/// A schema that is to be merged.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// `apiId`
    pub api: Text,
    /// Its schema's text, which `graphql` takes.
    pub sdl: String,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Merged {
    /// The schema's text.
    pub sdl: String,
    /// For each field of an object the sources that have it, whose resolver counts first in front.
    pub origins: Vec<Origin>,
}

/// A field of a merged schema, and what it is where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Its type and name in the merged schema.
    pub merged: (Text, Text),
    /// `apiId` of the source.
    pub api: Text,
    /// Its type and name there.
    pub own: (Text, Text),
    /// Whether it has `@canonical`, or its type has.
    pub is_canonical: bool,
}

/// Makes one schema of several.
///
/// # Errors
/// What does not fit together, each conflict with its place and the sources.
pub(crate) fn schemas(sources: &[Source]) -> Result<Merged, Vec<String>> {
    let mut merging = Merging::default();
    for source in sources {
        match source::read(source) {
            Ok(types) => types.into_iter().for_each(|type_| merging.add(type_)),
            Err(problem) => merging.conflicts.push(problem),
        }
    }
    if !merging.conflicts.is_empty() {
        return Err(merging.conflicts);
    }
    let mut origins = merging.origins;
    // Stable: among equals the source that was associated first.
    origins.sort_by_key(|origin| !origin.is_canonical);
    let texts: Vec<String> = merging.types.iter().map(|type_| print::type_text(&type_.definition)).collect();
    Ok(Merged { sdl: texts.join("\n\n") + "\n", origins })
}

/// A type of one source, under its merged name, without the directives that speak of merging.
pub(super) struct Part {
    pub api: Text,
    pub definition: TypeDefinition,
    pub is_canonical: bool,
    /// By their merged names, in the order of the definition's fields.
    pub fields: Vec<Origin>,
}

/// A member of a type: a field, an input, or what the type itself says.
#[derive(Clone, Debug)]
struct Member {
    name: Text,
    api: Text,
    is_canonical: bool,
}

struct MergedType {
    definition: TypeDefinition,
    api: Text,
    is_canonical: bool,
    /// Who said what is there now of each member.
    members: Vec<Member>,
}

#[derive(Default)]
struct Merging {
    types: Vec<MergedType>,
    origins: Vec<Origin>,
    conflicts: Vec<String>,
}

impl Merging {
    fn add(&mut self, part: Part) {
        let Part { api, definition, is_canonical, fields } = part;
        let members: Vec<Member> = match definition.kind {
            TypeKind::Input => definition.inputs.iter().map(|input| input.name.clone()).collect::<Vec<_>>(),
            _ => definition.fields.iter().map(|field| field.name.clone()).collect(),
        }
        .into_iter()
        .map(|name| {
            let own = fields.iter().find(|origin| origin.merged.1 == name);
            let is_canonical = is_canonical || own.is_some_and(|origin| origin.is_canonical);
            Member { name, api: api.clone(), is_canonical }
        })
        .collect();
        self.origins.extend(fields);
        match self.types.iter_mut().find(|known| known.definition.name == definition.name) {
            None => self.types.push(MergedType { definition, api, is_canonical, members }),
            Some(known) => {
                known.merge(MergedType { definition, api, is_canonical, members }, &mut self.conflicts)
            }
        }
    }
}

/// Which of two different sayings counts.
enum Counts {
    First,
    Second,
    Neither,
}

fn counts(first: bool, second: bool) -> Counts {
    match (first, second) {
        (true, false) => Counts::First,
        (false, true) => Counts::Second,
        _ => Counts::Neither,
    }
}

impl MergedType {
    fn merge(&mut self, other: MergedType, conflicts: &mut Vec<String>) {
        let name = self.definition.name.clone();
        let who = format!("{} and {}", self.api, other.api);
        let counts = counts(self.is_canonical, other.is_canonical);
        if self.definition.kind != other.definition.kind {
            match counts {
                Counts::First => {}
                Counts::Second => *self = other,
                Counts::Neither => {
                    conflicts
                        .push(format!("Type {name} is of different kinds in {who}: mark one @canonical"));
                }
            }
            return;
        }
        if says(&self.definition.directives) != says(&other.definition.directives) {
            match counts {
                Counts::First => {}
                Counts::Second => self.definition.directives.clone_from(&other.definition.directives),
                Counts::Neither => conflicts
                    .push(format!("Type {name} has different directives in {who}: mark one @canonical")),
            }
        }
        if self.definition.description.is_none() || matches!(counts, Counts::Second) {
            self.definition.description = other.definition.description.clone();
        }
        self.is_canonical |= other.is_canonical;
        union(&mut self.definition.interfaces, &other.definition.interfaces);
        union(&mut self.definition.members, &other.definition.members);
        for value in other.definition.values {
            if self.definition.values.iter().all(|known| known.name != value.name) {
                self.definition.values.push(value);
            }
        }
        let sides = Sides { name: &name, members: &mut self.members, others: &other.members, conflicts };
        merge_members(&mut self.definition.fields, other.definition.fields, sides);
        let sides = Sides { name: &name, members: &mut self.members, others: &other.members, conflicts };
        merge_members(&mut self.definition.inputs, other.definition.inputs, sides);
    }
}

/// The directives in one order: which one is written first means nothing.
fn says(directives: &[Directive]) -> Vec<String> {
    let mut said: Vec<String> =
        directives.iter().map(|one| directives_text(std::slice::from_ref(one))).collect();
    said.sort_unstable();
    said
}

fn union(known: &mut Vec<Text>, more: &[Text]) {
    for name in more {
        if !known.contains(name) {
            known.push(name.clone());
        }
    }
}

struct Sides<'s> {
    name: &'s str,
    members: &'s mut Vec<Member>,
    others: &'s [Member],
    conflicts: &'s mut Vec<String>,
}

/// A field or an input.
trait Named: Clone {
    fn name(&self) -> &Text;
    /// All that must be the same.
    fn text(&self) -> String;
}

impl Named for FieldDefinition {
    fn name(&self) -> &Text {
        &self.name
    }

    fn text(&self) -> String {
        field_text(&FieldDefinition { description: None, ..self.clone() })
    }
}

impl Named for InputDefinition {
    fn name(&self) -> &Text {
        &self.name
    }

    fn text(&self) -> String {
        input_text(&InputDefinition { description: None, ..self.clone() })
    }
}

fn merge_members<M: Named>(known: &mut Vec<M>, more: Vec<M>, sides: Sides<'_>) {
    let Sides { name, members, others, conflicts } = sides;
    for new in more {
        let Some(other) = others.iter().find(|member| member.name == *new.name()) else { continue };
        let place = known.iter().position(|old| old.name() == new.name());
        let member = members.iter_mut().find(|member| member.name == *new.name());
        let (Some(place), Some(member)) = (place, member) else {
            known.push(new);
            members.push(other.clone());
            continue;
        };
        if known[place].text() == new.text() {
            continue;
        }
        match counts(member.is_canonical, other.is_canonical) {
            Counts::First => {}
            Counts::Second => {
                known[place] = new;
                *member = other.clone();
            }
            Counts::Neither => conflicts.push(format!(
                "Field {name}.{} differs between {} and {}: `{}` and `{}`; mark one @canonical",
                other.name,
                member.api,
                other.api,
                known[place].text(),
                new.text()
            )),
        }
    }
}
