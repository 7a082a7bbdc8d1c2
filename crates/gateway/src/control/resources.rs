//! The tree of resources.

use json::{Object, Value, value};

use crate::fault::Fault;
use services::Moment;
use services::members::{Members, part_mut};

use super::page;
use super::patch::{self, Field, Kind, field};

/// As many resources an API may have; AWS's quota.
const RESOURCES_MAX: usize = 300;
/// The deepest tree: no more than that many parts has a path.
const DEPTH_MAX: usize = 30;

const FIELDS: &[Field] = &[field("/pathPart", Kind::Text), field("/parentId", Kind::Text)];

/// The resource that a request names.
pub(super) fn find<'a>(input: &Value, api: &'a Object) -> Result<(&'a str, &'a Object), Fault> {
    let id = input.text_or_empty("resourceId");
    let found = api.part("resources").iter().find(|(known, _)| *known == id);
    let found = found.and_then(|(id, resource)| Some((id.as_str(), resource.as_object()?)));
    found.ok_or_else(|| Fault::not_found("Invalid Resource identifier specified"))
}

/// The resource with this path.
pub(crate) fn by_path<'a>(api: &'a Object, path: &str) -> Option<&'a Object> {
    let resources = api.part("resources").values();
    resources.filter_map(Value::as_object).find(|resource| resource.text("path") == Some(path))
}

pub(crate) fn create(input: &Value, api: &mut Object, moment: &mut Moment) -> Result<Value, Fault> {
    let resources = api.part("resources");
    if resources.len() >= RESOURCES_MAX {
        return Err(Fault::limit(format!("The maximum number of resources is {RESOURCES_MAX}")));
    }
    let (parent_id, part) = (input.text_or_empty("parentId"), input.text_or_empty("pathPart"));
    let parent =
        resources.get(parent_id).ok_or_else(|| Fault::not_found("Invalid Resource identifier specified"))?;
    let id = moment.id(6);
    check_part(part)?;
    check_siblings(resources, parent, &id, part)?;
    let resource =
        value!({"id": id.as_str(), "parentId": parent_id, "pathPart": part, "path": joined(parent, part)});
    part_mut(api, "resources").insert(id, &resource);
    Ok(resource)
}

pub(super) fn get(input: &Value, api: &Object) -> Result<Value, Fault> {
    let (_, resource) = find(input, api)?;
    Ok(shown(resource, input.texts("embed").contains(&"methods")))
}

pub(super) fn list(input: &Value, api: &Object) -> Result<Value, Fault> {
    let embeds = input.texts("embed").contains(&"methods");
    let resources = api.part("resources").iter();
    let shown =
        resources.filter_map(|(id, resource)| Some((id.to_string(), shown(resource.as_object()?, embeds))));
    page(input, shown.collect())
}

/// Methods are told by their names only, unless somebody asks for them.
fn shown(resource: &Object, embeds: bool) -> Value {
    let mut shown = resource.clone();
    if !embeds && let Some(Value::Object(methods)) = shown.get_mut("resourceMethods") {
        *methods = methods.keys().map(|method| (method.clone(), Object::new())).collect();
    }
    shown.into()
}

pub(super) fn update(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let (id, resource) = find(input, api)?;
    let (id, mut resource) = (id.to_owned(), resource.clone());
    if resource.text("parentId").is_none() {
        return Err(Fault::bad("The root resource cannot be changed"));
    }
    patch::apply(input, FIELDS, &mut resource)?;
    let part = resource.text_or_empty("pathPart").to_owned();
    let parent_id = resource.text_or_empty("parentId").to_owned();
    check_part(&part)?;
    let resources = part_mut(api, "resources");
    if is_within(resources, &parent_id, &id) {
        return Err(Fault::bad("A resource cannot be moved below itself"));
    }
    let parent =
        resources.get(&parent_id).ok_or_else(|| Fault::not_found("Invalid Resource identifier specified"))?;
    check_siblings(resources, parent, &id, &part)?;
    resource.insert("path", joined(parent, &part));
    resources.insert(id.as_str(), resource.clone());
    move_children(resources, &id);
    Ok(shown(&resource, false))
}

pub(super) fn delete(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let (id, resource) = find(input, api)?;
    if resource.text("parentId").is_none() {
        return Err(Fault::bad("Root resource cannot be deleted"));
    }
    let id = id.to_owned();
    let resources = part_mut(api, "resources");
    let gone: Vec<_> = resources.keys().filter(|child| is_within(resources, child, &id)).cloned().collect();
    for child in gone {
        resources.remove(&child);
    }
    Ok(value!({}))
}

/// Whether a resource is another one or lies below it.
fn is_within<'r>(resources: &'r Object, mut id: &'r str, other: &str) -> bool {
    for _ in 0..=DEPTH_MAX {
        if id == other {
            return true;
        }
        match resources.get(id).and_then(|resource| resource.text("parentId")) {
            Some(parent) => id = parent,
            None => return false,
        }
    }
    false
}

/// Their paths follow from their parent's.
fn move_children(resources: &mut Object, id: &str) {
    let mut moved = vec![id.to_owned()];
    while let Some(parent_id) = moved.pop() {
        let Some(parent) = resources.get(&parent_id).cloned() else { continue };
        for child in resources.values_mut().filter(|child| child.text("parentId") == Some(&*parent_id)) {
            let path = joined(&parent, child.text_or_empty("pathPart"));
            let Value::Object(child) = child else { continue };
            child.insert("path", path);
            moved.push(child.text_or_empty("id").to_owned());
        }
    }
}

fn joined(parent: &Value, part: &str) -> String {
    format!("{}/{part}", parent.text_or_empty("path").trim_end_matches('/'))
}

/// `dragons`, `{id}`, `{proxy+}`.
fn check_part(part: &str) -> Result<(), Fault> {
    let may_stand = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | ':');
    let is_name = |name: &str| !name.is_empty() && name.chars().all(may_stand);
    let variable = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let is_good = match variable {
        Some(name) => is_name(name.strip_suffix('+').unwrap_or(name)),
        None => is_name(part),
    };
    if is_good {
        return Ok(());
    }
    Err(Fault::bad(
        "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the \
         beginning and the end.",
    ))
}

fn check_siblings(resources: &Object, parent: &Value, id: &str, part: &str) -> Result<(), Fault> {
    let path = parent.text_or_empty("path");
    if path.ends_with("+}") {
        return Err(Fault::bad(format!(
            "Cannot create a child of a resource with a greedy path variable: {path}"
        )));
    }
    if path.split('/').count() > DEPTH_MAX {
        return Err(Fault::limit(format!("A path has at most {DEPTH_MAX} parts")));
    }
    let parent_id = parent.text("id");
    let siblings = resources
        .values()
        .filter(|other| other.text("parentId") == parent_id && other.text("id") != Some(id));
    for sibling in siblings {
        let other = sibling.text_or_empty("pathPart");
        if other == part {
            return Err(Fault::conflict(format!(
                "Another resource with the same parent already has this name: {part}"
            )));
        }
        let is_greedy = |part: &str| part.ends_with("+}");
        if other.starts_with('{') && part.starts_with('{') && is_greedy(other) == is_greedy(part) {
            return Err(Fault::bad(format!(
                "A sibling ({other}) of this resource already has a variable path part -- only one is allowed"
            )));
        }
    }
    Ok(())
}
