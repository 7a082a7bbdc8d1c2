//! The format of AWS's files: sections, properties, and properties below a property.
//!
//! What is no line of that form is passed over, as AWS's SDKs do. Never here: files.

use std::collections::BTreeMap;

/// What both files say.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Parsed {
    /// `[profile NAME]` and `[default]` of one file, `[NAME]` of the other; this one's properties count more.
    pub(crate) profiles: BTreeMap<String, Section>,
    /// `[services NAME]`
    pub(crate) services: BTreeMap<String, Section>,
}

/// The properties of a section, their names in lower case.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Section {
    properties: BTreeMap<String, String>,
    below: BTreeMap<(String, String), String>,
}

impl Section {
    /// The value of a property, unless it is empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.properties.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of a property below another one.
    pub(crate) fn nested(&self, above: &str, name: &str) -> Option<&str> {
        self.below.get(&(above.to_owned(), name.to_owned())).map(String::as_str)
    }

    /// Whether a property says yes.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Whether any property's name begins so.
    pub(crate) fn has_any(&self, beginning: &str) -> bool {
        self.properties.keys().any(|name| name.starts_with(beginning))
    }
}

impl Parsed {
    /// Adds the text of `config`.
    pub(crate) fn add_config(&mut self, text: &str) {
        for (header, section) in sections(text) {
            match header.split_once(char::is_whitespace) {
                Some(("profile", name)) => self.add_profile(unquoted(name), section),
                Some(("services", name)) => drop(self.services.insert(unquoted(name).to_owned(), section)),
                // `[sso-…]` and whatever else there may be.
                Some(_) => {}
                None if header == "default" => self.add_profile("default", section),
                None => {}
            }
        }
    }

    /// Adds the text of `credentials`.
    pub(crate) fn add_credentials(&mut self, text: &str) {
        for (header, section) in sections(text) {
            self.add_profile(unquoted(header), section);
        }
    }

    fn add_profile(&mut self, name: &str, section: Section) {
        let profile = self.profiles.entry(name.to_owned()).or_default();
        profile.properties.extend(section.properties);
        profile.below.extend(section.below);
    }
}

fn unquoted(name: &str) -> &str {
    let name = name.trim();
    name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name)
}

fn sections(text: &str) -> Vec<(&str, Section)> {
    let mut sections: Vec<(&str, Section)> = Vec::new();
    let mut above = String::new();
    for line in text.lines() {
        let line = without_comment(line);
        let is_below = line.starts_with([' ', '\t']);
        if let Some(header) = line.strip_prefix('[') {
            let header = header.split(']').next().unwrap_or_default();
            sections.push((header.trim(), Section::default()));
            above.clear();
            continue;
        }
        let (Some((name, value)), Some((_, section))) = (line.split_once('='), sections.last_mut()) else {
            continue;
        };
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
        if is_below {
            section.below.insert((above.clone(), name), value);
        } else {
            above.clone_from(&name);
            section.properties.insert(name, value);
        }
    }
    sections
}

/// A comment begins a line, or follows a space.
fn without_comment(line: &str) -> &str {
    let begins = |place: usize| place == 0 || line[..place].ends_with([' ', '\t']);
    let comment = line.match_indices(['#', ';']).map(|(place, _)| place).find(|place| begins(*place));
    line[..comment.unwrap_or(line.len())].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "\
# what all have
[default]
region = eu-west-1
output=json ; for people

[profile \"two words\"]
Role_Arn = arn:aws:iam::123456789012:role/r#1
source_profile = default
services = local
[services local]
dynamodb =
  endpoint_url = http://127.0.0.1:8000
  other = x
elastic_beanstalk =
\tendpoint_url = http://127.0.0.1:8001
[sso-session s]
sso_region = us-east-1
[no profile
[lost]
aws_access_key_id = LOST
";

    #[test]
    fn both_files_together() {
        let mut parsed = Parsed::default();
        parsed.add_config(CONFIG);
        parsed.add_credentials("[default]\naws_access_key_id = AKID\naws_secret_access_key = a+/=b\n");
        let profile = |name: &str, property: &str| parsed.profiles[name].get(property).map(str::to_owned);
        assert_eq!(profile("default", "region").as_deref(), Some("eu-west-1"));
        assert_eq!(profile("default", "output").as_deref(), Some("json"));
        assert_eq!(profile("default", "aws_secret_access_key").as_deref(), Some("a+/=b"));
        let role = profile("two words", "role_arn");
        assert_eq!(role.as_deref(), Some("arn:aws:iam::123456789012:role/r#1"));
        let local = &parsed.services["local"];
        assert_eq!(local.nested("dynamodb", "endpoint_url"), Some("http://127.0.0.1:8000"));
        assert_eq!(local.nested("elastic_beanstalk", "endpoint_url"), Some("http://127.0.0.1:8001"));
        assert_eq!(local.nested("sqs", "endpoint_url"), None);
        assert_eq!(parsed.profiles.keys().collect::<Vec<_>>(), ["default", "two words"]);
    }
}
