//! Which method a request is for: static parts of a path before variables, variables before greedy ones.
//! (spec/vtl.md §6.7)

use std::collections::BTreeMap;

use crate::percent;

/// The resources that have methods, as a tree of the parts of their paths.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    here: BTreeMap<String, usize>,
    fixed: BTreeMap<String, Routes>,
    /// `{name}`
    variable: Option<(String, Box<Routes>)>,
    /// `{name+}`
    greedy: Option<(String, BTreeMap<String, usize>)>,
}

/// What matched, and the values of the path's variables by their names, in order.
pub(crate) type Found = (usize, Vec<(String, String)>);

impl Routes {
    /// Adds a method of the resource with this path; `place` is the caller's name for it.
    pub(crate) fn insert(&mut self, path: &str, verb: &str, place: usize) {
        let mut routes = self;
        for part in parts(path) {
            let name = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            routes = match name {
                Some(name) if name.ends_with('+') => {
                    let name = name.trim_end_matches('+').to_owned();
                    routes.greedy.get_or_insert((name, BTreeMap::new())).1.insert(verb.to_owned(), place);
                    return;
                }
                Some(name) => &mut routes.variable.get_or_insert_with(|| (name.to_owned(), Box::default())).1,
                None => routes.fixed.entry(part.to_owned()).or_default(),
            };
        }
        routes.here.insert(verb.to_owned(), place);
    }

    /// The method for a path as it was sent, percent-encoded; `ANY` where there is none of this name.
    pub(crate) fn find(&self, path: &str, verb: &str) -> Option<Found> {
        // More parts than a resource can have lead nowhere or are swallowed by a greedy one; either way in one walk.
        let parts: Vec<&str> = parts(path).collect();
        let mut values = Vec::new();
        let place = self.walk(&parts, verb, &mut values)?;
        Some((place, values))
    }

    /// Resources have at most 30 parts, which bounds the recursion and, with a fixed part and a variable at each
    /// level, the alternatives: each resource is looked at once at most.
    fn walk(&self, parts: &[&str], verb: &str, values: &mut Vec<(String, String)>) -> Option<usize> {
        let Some((first, rest)) = parts.split_first() else { return of_verb(&self.here, verb) };
        let known = percent::decode(first);
        if let Some(routes) = self.fixed.get(&known)
            && let Some(place) = routes.walk(rest, verb, values)
        {
            return Some(place);
        }
        if let Some((name, routes)) = &self.variable {
            let before = values.len();
            values.push((name.clone(), known));
            if let Some(place) = routes.walk(rest, verb, values) {
                return Some(place);
            }
            values.truncate(before);
        }
        let (name, methods) = self.greedy.as_ref()?;
        let place = of_verb(methods, verb)?;
        values.push((name.clone(), percent::decode(&parts.join("/"))));
        Some(place)
    }
}

fn of_verb(methods: &BTreeMap<String, usize>, verb: &str) -> Option<usize> {
    methods.get(verb).or_else(|| methods.get("ANY")).copied()
}

/// Without the slash before and one behind.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').filter(move |_| !path.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_special_resource_wins() {
        let all = [
            ("/", "GET"),
            ("/dragons", "POST"),
            ("/dragons/{id}", "GET"),
            ("/dragons/best", "GET"),
            ("/dragons/{id}/eggs", "ANY"),
            ("/dragons/{id}/eggs", "GET"),
            ("/files/{path+}", "GET"),
            ("/{proxy+}", "ANY"),
        ];
        let mut routes = Routes::default();
        for (place, (path, verb)) in all.iter().enumerate() {
            routes.insert(path, verb, place);
        }
        for (verb, path, expected) in [
            ("GET", "/", "GET / "),
            ("POST", "/dragons", "POST /dragons "),
            ("POST", "/dragons/", "POST /dragons "),
            ("GET", "/dragons/best", "GET /dragons/best "),
            ("GET", "/dragons/Fr%61nk%2F1", "GET /dragons/{id} id=Frank/1"),
            ("PUT", "/dragons/1/eggs", "ANY /dragons/{id}/eggs id=1"),
            ("GET", "/dragons/best/eggs", "GET /dragons/{id}/eggs id=best"),
            ("GET", "/files/a/b%20c", "GET /files/{path+} path=a/b c"),
            ("PUT", "/files/a", "ANY /{proxy+} proxy=files/a"),
            ("GET", "/dragons", "ANY /{proxy+} proxy=dragons"),
            ("GET", "/a/b/c", "ANY /{proxy+} proxy=a/b/c"),
            ("POST", "/", "nothing"),
        ] {
            let found = routes.find(path, verb).map_or("nothing".to_owned(), |(place, values)| {
                let values: Vec<_> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
                format!("{} {} {}", all[place].1, all[place].0, values.join(","))
            });
            assert_eq!(found, expected, "{verb} {path}");
        }
    }
}
