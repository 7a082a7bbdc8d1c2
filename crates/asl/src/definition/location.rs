//! Where in a definition a finding is: a chain of steps, written out only when something is found.

use std::fmt;

/// A place in the definition. Each step borrows the one before it.
#[derive(Clone, Copy)]
pub(super) struct Location<'l> {
    outer: Option<&'l Location<'l>>,
    step: Step<'l>,
}

#[derive(Clone, Copy)]
enum Step<'l> {
    Root,
    Field(&'l str),
    /// A member of `States`.
    State(&'l str),
    Index(usize),
}

impl<'l> Location<'l> {
    /// The definition itself: `/`.
    pub(super) const ROOT: Location<'static> = Location { outer: None, step: Step::Root };

    /// The member `name` of what is here. Names are not escaped, as on AWS.
    pub(super) fn field(&'l self, name: &'l str) -> Location<'l> {
        Location { outer: Some(self), step: Step::Field(name) }
    }

    /// The state `name` of the `States` that are here.
    pub(super) fn state(&'l self, name: &'l str) -> Location<'l> {
        Location { outer: Some(self), step: Step::State(name) }
    }

    /// The item at `index` (0-based) of what is here.
    pub(super) fn index(&'l self, index: usize) -> Location<'l> {
        Location { outer: Some(self), step: Step::Index(index) }
    }

    /// The same from the innermost state down, as the causes of failures name fields:
    /// `Choices[0]/Output`.
    pub(super) fn within_state(&self) -> String {
        let mut text = String::new();
        let mut steps = self.steps();
        let inside = steps.iter().rposition(|step| matches!(step, Step::State(_))).map_or(0, |at| at + 1);
        for step in steps.drain(inside..) {
            text.push_str(&step.to_string());
        }
        text.trim_start_matches('/').to_owned()
    }

    fn steps(&self) -> Vec<Step<'l>> {
        let mut steps = Vec::new();
        let mut here = Some(self);
        while let Some(location) = here {
            steps.push(location.step);
            here = location.outer;
        }
        steps.reverse();
        steps
    }
}

impl fmt::Display for Location<'_> {
    /// `/States/C/Choices[0]/Next`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.steps();
        if let [Step::Root] = steps[..] {
            return f.write_str("/");
        }
        steps.into_iter().try_for_each(|step| step.fmt(f))
    }
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Root => Ok(()),
            Step::Field(name) | Step::State(name) => write!(f, "/{name}"),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}
