//! Pass: hands on its input, or a literal.

use super::fields::Fields;
use super::reader::Reader;
use super::warnings;
use crate::machine::{Flow, Kind};

impl<'d> Reader<'d> {
    pub(super) fn pass(&mut self, fields: &Fields<'d, '_>, flow: &mut Flow) -> Kind {
        flow.parameters = fields.template("Parameters", &mut self.findings);
        warnings::result_is_static(fields, &mut self.findings);
        Kind::Pass { result: fields.value("Result").cloned() }
    }
}
