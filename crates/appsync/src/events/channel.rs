//! Channels: paths that are published to, and what may be listened to. (spec/appsync-realtime.md §2.2)

use json::Text;

/// AppSync's bounds: `/namespace/a/b/c/d`, each segment of letters, digits and hyphens.
const SEGMENTS_MAX: usize = 5;
const SEGMENT_CHARACTERS_MAX: usize = 50;

/// A channel, or all below one: `/namespace/a`, `/namespace/a/*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Channel(Text);

impl Channel {
    /// A channel to publish to. The slash at the beginning may be left out.
    ///
    /// # Errors
    /// Why it is none, for the caller.
    pub fn parse(text: &str) -> Result<Channel, String> {
        let channel = Channel::parse_pattern(text)?;
        if channel.is_pattern() {
            return Err(invalid(text, "a wildcard is for those who subscribe"));
        }
        Ok(channel)
    }

    /// What to listen to: a channel, or all below one.
    ///
    /// # Errors
    /// Why it is neither, for the caller.
    pub fn parse_pattern(text: &str) -> Result<Channel, String> {
        let path = text.strip_prefix('/').unwrap_or(text);
        let segments: Vec<&str> = path.split('/').collect();
        if segments.len() > SEGMENTS_MAX {
            return Err(invalid(text, &format!("it has more than {SEGMENTS_MAX} segments")));
        }
        let (first, last) = (segments[0], segments.len() - 1);
        for (number, segment) in segments.iter().enumerate() {
            if *segment == "*" && number == last && first != "*" {
                continue;
            }
            let is_sound = segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if segment.is_empty() || segment.len() > SEGMENT_CHARACTERS_MAX || !is_sound {
                let message = format!(
                    "the segment '{segment}' is not 1 to {SEGMENT_CHARACTERS_MAX} letters, digits and hyphens"
                );
                return Err(invalid(text, &message));
            }
        }
        Ok(Channel(format!("/{path}").into()))
    }

    /// `/namespace/a`
    pub fn path(&self) -> &Text {
        &self.0
    }

    /// `namespace`
    pub fn namespace(&self) -> &str {
        self.segments().next().unwrap_or_default()
    }

    /// `namespace`, `a`
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').skip(1)
    }

    fn is_pattern(&self) -> bool {
        self.0.ends_with('*')
    }

    /// All that hears of it: itself, and the wildcards above it.
    pub fn heard_as(&self) -> impl Iterator<Item = String> {
        // The namespace itself lies below nothing.
        let above = self.0.match_indices('/').skip(1).map(|(at, _)| format!("{}/*", &self.0[..at]));
        std::iter::once(self.0.to_string()).chain(above)
    }
}

fn invalid(text: &str, why: &str) -> String {
    format!("Invalid Channel Format: {text}: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(parse: fn(&str) -> Result<Channel, String>, texts: &[&str], expected: Expect) {
        let line = |text: &&str| match parse(text) {
            Ok(channel) => format!("{text} → {}\n", channel.path()),
            Err(why) => format!("{why}\n"),
        };
        expected.assert_eq(&texts.iter().map(line).collect::<String>());
    }

    #[test]
    fn a_channel_has_one_to_five_segments() {
        let long = "x".repeat(51);
        check(
            Channel::parse,
            &[
                "/default/a",
                "default",
                "a/b/c/d/e",
                "/A-1/b",
                "a/b/c/d/e/f",
                "",
                "/",
                "//a",
                "/a/",
                "/a b",
                "/a/*",
                "/ä",
                &long[1..],
                &long,
            ],
            expect![[r#"
                /default/a → /default/a
                default → /default
                a/b/c/d/e → /a/b/c/d/e
                /A-1/b → /A-1/b
                Invalid Channel Format: a/b/c/d/e/f: it has more than 5 segments
                Invalid Channel Format: : the segment '' is not 1 to 50 letters, digits and hyphens
                Invalid Channel Format: /: the segment '' is not 1 to 50 letters, digits and hyphens
                Invalid Channel Format: //a: the segment '' is not 1 to 50 letters, digits and hyphens
                Invalid Channel Format: /a/: the segment '' is not 1 to 50 letters, digits and hyphens
                Invalid Channel Format: /a b: the segment 'a b' is not 1 to 50 letters, digits and hyphens
                Invalid Channel Format: /a/*: a wildcard is for those who subscribe
                Invalid Channel Format: /ä: the segment 'ä' is not 1 to 50 letters, digits and hyphens
                xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx → /xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                Invalid Channel Format: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: the segment 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is not 1 to 50 letters, digits and hyphens
            "#]],
        );
    }

    #[test]
    fn a_wildcard_stands_at_the_end() {
        check(
            Channel::parse_pattern,
            &["/a/*", "a/b/*", "/a/b", "/*", "/a/*/b", "/a/b*", "/a/b/c/d/*", "/a/b/c/d/e/*"],
            expect![[r#"
                /a/* → /a/*
                a/b/* → /a/b/*
                /a/b → /a/b
                Invalid Channel Format: /*: the segment '*' is not 1 to 50 letters, digits and hyphens
                Invalid Channel Format: /a/*/b: the segment '*' is not 1 to 50 letters, digits and hyphens
                Invalid Channel Format: /a/b*: the segment 'b*' is not 1 to 50 letters, digits and hyphens
                /a/b/c/d/* → /a/b/c/d/*
                Invalid Channel Format: /a/b/c/d/e/*: it has more than 5 segments
            "#]],
        );
    }

    #[test]
    fn wildcards_hear_what_is_below_them() {
        let heard = |path| Channel::parse(path).unwrap().heard_as().collect::<Vec<_>>().join(" ");
        assert_eq!(heard("/a/b/c"), "/a/b/c /a/* /a/b/*");
        assert_eq!(heard("/a"), "/a");
    }
}
