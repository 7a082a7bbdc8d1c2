//! Update expressions, taken apart as far as is needed to add to them and to merge them. (DynamoDB's developer guide,
//! "Update expressions")
//!
//! Never here: whether they are good, which DynamoDB says.

/// The parts of an update expression, in the order in which they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct UpdateExpression {
    /// Path and operand: `#a`, `#a + :n`.
    pub set: Vec<(String, String)>,
    /// Paths.
    pub remove: Vec<String>,
    /// Path and value, with a space between them.
    pub add: Vec<String>,
    /// Path and value, with a space between them.
    pub delete: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Set,
    Remove,
    Add,
    Delete,
}

impl UpdateExpression {
    /// Nothing if it does not begin with the name of a part, or if something is set to nothing. An empty one has no parts.
    pub fn parse(text: &str) -> Option<UpdateExpression> {
        let mut expression = UpdateExpression::default();
        let mut rest = text.trim();
        // Each turn takes a part.
        while !rest.is_empty() {
            let (section, behind) = section_at(rest)?;
            let end = next_section(behind);
            expression.take(section, &behind[..end])?;
            rest = &behind[end..];
        }
        Some(expression)
    }

    fn take(&mut self, section: Section, actions: &str) -> Option<()> {
        for action in at_commas(actions) {
            let action = action.trim();
            match section {
                Section::Set => {
                    let (path, operand) = action.split_once('=')?;
                    self.set.push((path.trim().to_owned(), operand.trim().to_owned()));
                }
                Section::Remove => self.remove.push(action.to_owned()),
                Section::Add => self.add.push(action.to_owned()),
                Section::Delete => self.delete.push(action.to_owned()),
            }
        }
        Some(())
    }

    /// As DynamoDB takes it.
    pub fn text(&self) -> String {
        let set: Vec<String> = self.set.iter().map(|(path, operand)| format!("{path} = {operand}")).collect();
        let parts = [("SET", &set), ("REMOVE", &self.remove), ("ADD", &self.add), ("DELETE", &self.delete)];
        let parts = parts.iter().filter(|(_, actions)| !actions.is_empty());
        let parts: Vec<_> = parts.map(|(name, actions)| format!("{name} {}", actions.join(", "))).collect();
        parts.join(" ")
    }
}

/// The part that begins here, and what stands behind its name.
fn section_at(text: &str) -> Option<(Section, &str)> {
    const NAMES: [(&str, Section); 4] = [
        ("SET", Section::Set),
        ("REMOVE", Section::Remove),
        ("ADD", Section::Add),
        ("DELETE", Section::Delete),
    ];
    NAMES.into_iter().find_map(|(name, section)| {
        let (word, behind) = text.split_at_checked(name.len())?;
        let ends = behind.starts_with(|next: char| next.is_whitespace());
        (ends && word.eq_ignore_ascii_case(name)).then_some((section, behind))
    })
}

/// Where the next part begins. Its name is a reserved word, so nothing else is called so.
fn next_section(text: &str) -> usize {
    let mut before = ' ';
    for (place, letter) in text.char_indices() {
        if (before.is_whitespace() || before == ')') && section_at(&text[place..]).is_some() {
            return place;
        }
        before = letter;
    }
    text.len()
}

/// Split at the commas that stand in no parentheses.
fn at_commas(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut begin) = (Vec::new(), 0_usize, 0);
    for (place, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[begin..place]);
                begin = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_and_put_together_again() {
        for (text, expected) in [
            ("SET #a = :a", "SET #a = :a"),
            (
                "set #a=:a,#b = if_not_exists(#b, :z) + :one remove c ADD d :d",
                "SET #a = :a, #b = if_not_exists(#b, :z) + :one REMOVE c ADD d :d",
            ),
            (
                "DELETE tags :t SET l = list_append(l,:l)REMOVE x[1]",
                "SET l = list_append(l,:l) REMOVE x[1] DELETE tags :t",
            ),
            ("SET #set = :set, settings = :s", "SET #set = :set, settings = :s"),
            ("", ""),
        ] {
            assert_eq!(UpdateExpression::parse(text).unwrap().text(), expected, "{text}");
        }
        for text in ["a = :a", "SET", "SET a", "UPSERT a = :a"] {
            assert_eq!(UpdateExpression::parse(text), None, "{text}");
        }
    }
}
