//! `*` in texts. Matching takes linear time: each piece between two stars is looked for once, the earliest
//! place is good enough, and nothing is tried again.

/// A text with stars, cut at them. One piece: there are none.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wildcard {
    pieces: Vec<String>,
}

/// AWS refuses what its machine would need too many states at once for; it does not say how many. Recorded are
/// an accepted pattern that comes to 7 here and a refused one that comes to 11.
const COMPLEXITY_MAX: usize = 10;

impl Wildcard {
    /// Reads a text in which `\*` and `\\` stand for a star and a backslash; the error is AWS's sentence.
    pub(super) fn read(text: &str) -> Result<Wildcard, String> {
        let mut pieces = vec![String::new()];
        let mut characters = text.char_indices().peekable();
        while let Some((place, character)) = characters.next() {
            let next = characters.peek().map(|(_, character)| *character);
            // AWS counts the quotation mark in front of the text, too.
            let place = place + 1;
            let piece = pieces.last_mut().expect("there is a first one");
            match (character, next) {
                ('*', Some('*')) => return Err(format!("Consecutive wildcard characters at pos {place}")),
                ('*', _) => pieces.push(String::new()),
                ('\\', Some(escaped @ ('*' | '\\'))) => {
                    piece.push(escaped);
                    characters.next();
                }
                ('\\', _) => return Err(format!("Invalid escape character at pos {place}")),
                _ => piece.push(character),
            }
        }
        let wildcard = Wildcard { pieces };
        if wildcard.complexity() > COMPLEXITY_MAX {
            return Err("Rule is too complex - try using fewer wildcard characters or fewer repeating \
                        character sequences after a wildcard character"
                .to_owned());
        }
        Ok(wildcard)
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let (first, rest) = self.pieces.split_first().expect("there is a first one");
        let Some((last, middle)) = rest.split_last() else { return text == first };
        let Some(mut text) = text.strip_prefix(first.as_str()) else { return false };
        for piece in middle {
            let Some(place) = text.find(piece.as_str()) else { return false };
            text = &text[place + piece.len()..];
        }
        text.ends_with(last.as_str())
    }

    /// In how many states at once AWS's machine can be: behind each star, and as often as the piece behind it
    /// can be found over itself.
    fn complexity(&self) -> usize {
        self.pieces[1..].iter().map(|piece| 1 + overlaps_max(piece.as_bytes())).sum()
    }
}

/// How many beginnings of a piece can end in the same place at most: `/a/` is there as `/a/` and as `/`.
fn overlaps_max(piece: &[u8]) -> usize {
    // For each length, the next shorter beginning that is also an end (Knuth, Morris and Pratt).
    let mut shorter = vec![0; piece.len() + 1];
    let mut overlaps = vec![0; piece.len() + 1];
    for length in 1..=piece.len() {
        let mut border = if length == 1 { 0 } else { shorter[length - 1] };
        while border > 0 && piece[border] != piece[length - 1] {
            border = shorter[border];
        }
        if length > 1 && piece[border] == piece[length - 1] {
            border += 1;
        }
        shorter[length] = border;
        overlaps[length] = overlaps[border] + 1;
    }
    overlaps.into_iter().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_are_counted() {
        for (piece, overlaps) in [("", 0), ("a", 1), ("aa", 2), ("abc", 1), ("/a/", 2), ("aabaab", 3)] {
            assert_eq!(overlaps_max(piece.as_bytes()), overlaps, "{piece}");
        }
    }

    /// The two wildcards of which it is recorded what AWS makes of them.
    #[test]
    fn the_bound_lies_between_what_is_recorded() {
        let complexity = |pieces: &[&str]| {
            Wildcard { pieces: pieces.iter().map(|piece| (*piece).to_owned()).collect() }.complexity()
        };
        assert_eq!(complexity(&["u/", "/dir/dir/dir/dir/dir/doc.txt"]), 7);
        assert_eq!(complexity(&["", ":", ":", ":", ":", ":event-bus/", ""]), 11);
        assert!((7..11).contains(&COMPLEXITY_MAX));
    }
}
