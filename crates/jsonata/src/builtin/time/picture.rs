//! Date/time pictures, such as `[D1o] [MNn] [Y0001]`, read into their parts.

use super::super::format_integer::{Case, IntegerPicture, Style};
use crate::error::{Failure, Result, quoted};

#[derive(Debug)]
pub(super) struct Picture {
    pub(super) parts: Vec<Part>,
}

#[derive(Debug)]
pub(super) enum Part {
    Literal(String),
    Marker(Marker),
}

/// One `[…]`.
#[derive(Debug)]
pub(super) struct Marker {
    /// `Y`, `M`, `D` and so on.
    pub(super) component: char,
    pub(super) width_max: Option<usize>,
    /// Written as a name, in this case.
    pub(super) names: Option<Case>,
    pub(super) integer: Option<IntegerPicture>,
    /// Of years: so many digits from the right.
    pub(super) year_digits: Option<usize>,
    /// `t`: UTC is written `Z`.
    pub(super) traditional: bool,
    /// Another number follows at once, so this one has exactly so many digits when it is read.
    pub(super) parse_width: Option<usize>,
}

/// How a component is written if its marker does not say.
fn default_presentation(component: char) -> Option<&'static str> {
    Some(match component {
        'Y' | 'M' | 'D' | 'd' | 'W' | 'w' | 'X' | 'x' | 'H' | 'h' | 'f' => "1",
        'F' | 'P' | 'C' | 'E' => "n",
        'm' | 's' => "01",
        'Z' | 'z' => "01:01",
        _ => return None,
    })
}

impl Picture {
    pub(super) fn read(text: &str) -> Result<Picture> {
        let mut parts: Vec<Part> = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(place) = rest.find(['[', ']']) {
            literal.push_str(&rest[..place]);
            rest = &rest[place..];
            if let Some(behind) = rest.strip_prefix("[[") {
                literal.push('[');
                rest = behind;
            } else if rest.starts_with(']') {
                // A closing bracket on its own is one; written twice it is one, too.
                literal.push(']');
                rest = rest.strip_prefix("]]").unwrap_or(&rest[1..]);
            } else {
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                let Some(end) = rest.find(']') else { return Err(Failure::new("D3135")) };
                let marker = Marker::read(&rest[1..end])?;
                if marker.integer.is_some()
                    && marker.component.is_alphabetic()
                    && !matches!(marker.component, 'Z' | 'z')
                    && let Some(Part::Marker(before)) = parts.last_mut()
                {
                    before.parse_width = before.mandatory_digits();
                }
                parts.push(Part::Marker(marker));
                rest = &rest[end + 1..];
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Picture { parts })
    }
}

impl Marker {
    fn read(text: &str) -> Result<Marker> {
        let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
        let component = text.chars().next().unwrap_or('\0');
        let behind = &text[component.len_utf8().min(text.len())..];
        let (presentation, widths) = match behind.rsplit_once(',') {
            Some((presentation, widths)) => (presentation, Some(widths)),
            None => (behind, None),
        };
        let width = |text: &str| text.parse::<usize>().ok().map(|width| width.min(100));
        let (width_min, width_max) = match widths.map(|widths| widths.split_once('-').unwrap_or((widths, "")))
        {
            None => (None, None),
            Some((least, most)) => (width(least), width(most)),
        };
        let mut first = presentation;
        let (mut ordinal, mut traditional) = (false, false);
        if presentation.chars().count() > 1
            && let Some(last @ ('a' | 't' | 'c' | 'o')) = presentation.chars().last()
        {
            ordinal = last == 'o';
            traditional = last == 't';
            first = &presentation[..presentation.len() - 1];
        }
        if first.is_empty() {
            let unknown = || Failure::new("D3132").value(quoted(&component.to_string()));
            first = default_presentation(component).ok_or_else(unknown)?;
        } else if default_presentation(component).is_none() {
            return Err(Failure::new("D3132").value(quoted(&component.to_string())));
        }
        let mut marker = Marker {
            component,
            width_max,
            names: None,
            integer: None,
            year_digits: None,
            traditional,
            parse_width: None,
        };
        match first.as_bytes() {
            [b'n', ..] => marker.names = Some(Case::Lower),
            [b'N', b'n', ..] => marker.names = Some(Case::Title),
            [b'N', ..] => marker.names = Some(Case::Upper),
            _ if "YMDdFWwXxHhmsfZz".contains(component) => {
                let mut integer = IntegerPicture::read(first)?;
                integer.ordinal = ordinal && !matches!(component, 'Z' | 'z');
                if component == 'Y' {
                    marker.year_digits = width_max;
                }
                if let Style::Digits(digits) = &mut integer.style
                    && !matches!(component, 'Z' | 'z')
                {
                    if let Some(least) = width_min {
                        digits.mandatory = digits.mandatory.max(least);
                    }
                    if component == 'Y' {
                        let places = digits.mandatory + digits.optional;
                        marker.year_digits = width_max.or((places >= 2).then_some(places));
                        if let Some(most) = width_max {
                            digits.mandatory = most;
                        }
                    }
                }
                marker.integer = Some(integer);
            }
            _ => {}
        }
        Ok(marker)
    }

    pub(super) fn mandatory_digits(&self) -> Option<usize> {
        match self.integer.as_ref().map(|integer| &integer.style) {
            Some(Style::Digits(digits)) => Some(digits.mandatory),
            _ => None,
        }
    }
}
