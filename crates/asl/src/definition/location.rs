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
    Index(usize),
}

impl<'l> Location<'l> {
    /// The definition itself: `/`.
    pub(super) const ROOT: Location<'static> = Location { outer: None, step: Step::Root };

    /// The member `name` of what is here. Names are not escaped, as on AWS.
    pub(super) fn field(&'l self, name: &'l str) -> Location<'l> {
        Location { outer: Some(self), step: Step::Field(name) }
    }

    /// The item at `index` (0-based) of what is here.
    pub(super) fn index(&'l self, index: usize) -> Location<'l> {
        Location { outer: Some(self), step: Step::Index(index) }
    }
}

impl fmt::Display for Location<'_> {
    /// `/States/C/Choices[0]/Next`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps = Vec::new();
        let mut here = Some(self);
        while let Some(location) = here {
            steps.push(location.step);
            here = location.outer;
        }
        if let [Step::Root] = steps[..] {
            return f.write_str("/");
        }
        for step in steps.into_iter().rev() {
            match step {
                Step::Root => {}
                Step::Field(name) => write!(f, "/{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
