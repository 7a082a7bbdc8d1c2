//! What a state machine calls a member of a shape.
//!
//! Step Functions has its names from the SDK for Java: the getter of a property, with an upper-case first
//! letter. Never here: names on a wire.

use crate::Member;

impl Member<'_> {
    /// Its name with an upper-case first letter, as the model has it and as optimised integrations show it.
    /// (`executionArn` → `ExecutionArn`, `MD5OfMessageBody`, `ChecksumCRC32`)
    pub fn field_name(self) -> String {
        capital(self.name())
    }

    /// Its name in an `aws-sdk` integration. Acronyms at the beginning are words there (`DBInstanceIdentifier` →
    /// `DbInstanceIdentifier`, `MD5OfBody` → `Md5OfBody`), and what Java has a meaning for is a `…Value`
    /// (`equals` → `EqualsValue`).
    pub fn sdk_field_name(self) -> String {
        let name = capital(&uncapital(self.name()));
        if is_reserved(self.name()) { name + "Value" } else { name }
    }

    /// Whether a state machine may call it so: by either name.
    pub fn is_called(self, field: &str) -> bool {
        // Most names are no longer than the model's, and are asked for in large numbers.
        if field.len() == self.name().len() {
            return field.eq_ignore_ascii_case(self.name())
                && (field == self.field_name() || field == self.sdk_field_name());
        }
        field.ends_with("Value") && is_reserved(self.name()) && field == self.sdk_field_name()
    }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Lower-case letters up to the first word: `DBInstance` → `dbInstance`, `ACL` → `acl`, `ETag` → `eTag`.
fn uncapital(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let at = |place: usize| letters.get(place).copied().unwrap_or(' ');
    let mut end = 1;
    while at(end).is_ascii_uppercase() && !at(end + 1).is_ascii_lowercase() {
        end += 1;
    }
    let cased = letters.iter().enumerate();
    cased.map(|(place, letter)| if place < end { letter.to_ascii_lowercase() } else { *letter }).collect()
}

/// Words of Java, and methods that all its objects have.
fn is_reserved(name: &str) -> bool {
    const METHODS: [&str; 6] = ["equals", "getClass", "hashCode", "notify", "toString", "wait"];
    const WORDS: [&str; 51] = [
        "abstract",
        "assert",
        "boolean",
        "break",
        "byte",
        "case",
        "catch",
        "char",
        "class",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extends",
        "false",
        "final",
        "finally",
        "float",
        "for",
        "goto",
        "if",
        "implements",
        "import",
        "instanceof",
        "int",
        "interface",
        "long",
        "native",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "short",
        "static",
        "super",
        "switch",
        "synchronized",
        "this",
        "throw",
        "throws",
        "transient",
        "true",
        "try",
        "void",
        "while",
    ];
    METHODS.contains(&name) || WORDS.iter().any(|word| word.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    fn names(service: &str, operation: &str, member: &str) -> (String, String) {
        let operation = crate::service(service).unwrap().operation(operation).unwrap();
        let shapes = [operation.input().unwrap(), operation.output().unwrap()];
        let member = shapes.iter().find_map(|shape| shape.member(member)).unwrap();
        assert!(member.is_called(&member.field_name()) && member.is_called(&member.sdk_field_name()));
        (member.field_name(), member.sdk_field_name())
    }

    #[test]
    fn members_are_called_as_in_the_sdk_for_java() {
        let check = |(service, operation, member), field: &str, sdk_field: &str| {
            assert_eq!(names(service, operation, member), (field.to_owned(), sdk_field.to_owned()));
        };
        check(("stepfunctions", "startExecution", "stateMachineArn"), "StateMachineArn", "StateMachineArn");
        // Of definitions that run on AWS.
        check(
            ("rds", "deleteDBInstance", "DBInstanceIdentifier"),
            "DBInstanceIdentifier",
            "DbInstanceIdentifier",
        );
        // Recorded, of both kinds of integration.
        check(("s3", "putObject", "ETag"), "ETag", "ETag");
        check(("s3", "putObject", "ChecksumCRC32"), "ChecksumCRC32", "ChecksumCRC32");
        check(("sqs", "sendMessage", "MD5OfMessageBody"), "MD5OfMessageBody", "Md5OfMessageBody");
        check(("s3", "putObject", "ACL"), "ACL", "Acl");
        check(("s3", "putObject", "SSEKMSKeyId"), "SSEKMSKeyId", "SsekmsKeyId");
    }

    #[test]
    fn nothing_else_is_a_name_of_a_member() {
        let operation = crate::service("rds").unwrap().operation("deleteDBInstance").unwrap();
        let member = operation.input().unwrap().member("DBInstanceIdentifier").unwrap();
        for name in ["", "dBInstanceIdentifier", "dbInstanceIdentifier", "DBInstanceIdentifierValue"] {
            assert!(!member.is_called(name), "{name}");
        }
    }
}
