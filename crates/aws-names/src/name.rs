//! Which names state machines, executions, activities and aliases may have.

/// The most characters a name has; the fewest is one.
pub const NAME_LENGTH_MAX: usize = 80;

/// Whether a state machine, execution or activity may have this name: 1 to 80 characters, no
/// white space, brackets, wildcards, control characters or any of `"#%\^|~` `` ` `` `$&,;:/`.
pub fn name_is_valid(name: &str) -> bool {
    length_is_valid(name) && !name.chars().any(is_forbidden)
}

/// Whether an alias may have this name: 1 to 80 of `A`–`Z`, `a`–`z`, `0`–`9`, `_`, `-`, `.`, and
/// not digits only, which would be a version.
pub fn alias_name_is_valid(name: &str) -> bool {
    length_is_valid(name)
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        && !name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the label of a distributed Map state, or several of them with slashes between, may stand in an ARN:
/// no white space, control characters or any of `?*<>{}[]:;,\|^~$#%&` `` ` `` `"`.
pub fn label_is_valid(label: &str) -> bool {
    let is_forbidden = |character: char| {
        character.is_whitespace() || character.is_control() || "?*<>{}[]:;,\\|^~$#%&`\"".contains(character)
    };
    label.split('/').all(|part| !part.is_empty()) && !label.chars().any(is_forbidden)
}

fn length_is_valid(name: &str) -> bool {
    (1..=NAME_LENGTH_MAX).contains(&name.chars().count())
}

fn is_forbidden(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(character)
        || matches!(character, '\u{fffe}' | '\u{ffff}' | '\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_resources() {
        for name in ["a", "Order-1_2.x", "état", "名前", "a'b(c)=@+!", &"x".repeat(80), &"é".repeat(80)] {
            assert!(name_is_valid(name), "{name:?}");
        }
        for name in ["", &"x".repeat(81), "\u{fffe}", "\u{10ffff}", "a\u{85}b", "a\u{7f}", "a\u{a0}b"] {
            assert!(!name_is_valid(name), "{name:?}");
        }
        for forbidden in " \t\n\0<>{}[]?*\"#%\\^|~`$&,;:/".chars() {
            assert!(!name_is_valid(&format!("activity{forbidden}name")), "{forbidden:?}");
        }
    }

    #[test]
    fn labels_of_distributed_maps() {
        for label in ["L", "8c9dd6c6-f907-3584-9153-f8a2f1bfe7ce", "outer/inner", "é@=+"] {
            assert!(label_is_valid(label), "{label:?}");
        }
        for label in ["", "/", "a/", "/a", "a b", "a//b", "a:b", "a\u{85}b"] {
            assert!(!label_is_valid(label), "{label:?}");
        }
        for forbidden in "?*<>{}[]:;,\\|^~$#%&`\"".chars() {
            assert!(!label_is_valid(&format!("a{forbidden}b")), "{forbidden:?}");
        }
    }

    #[test]
    fn names_of_aliases() {
        for name in ["live", "v1", "1a", "1.2", "-", "_"] {
            assert!(alias_name_is_valid(name), "{name:?}");
        }
        for name in ["", "12", "a b", "a:b", "é", &"x".repeat(81)] {
            assert!(!alias_name_is_valid(name), "{name:?}");
        }
    }
}
