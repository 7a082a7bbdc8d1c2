//! The 18 intrinsic functions, `States.Name(…)`: one file each.

/// A compiled call.
#[derive(Debug)]
pub struct Call {}
