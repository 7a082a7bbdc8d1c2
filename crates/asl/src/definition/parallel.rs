//! Parallel: runs all its branches at once. (spec/asl.md §8.6)

use super::container::Surrounding;
use super::fields::Fields;
use super::jsonata::Moment;
use super::reader::Reader;
use super::schema;
use crate::machine::{Flow, Kind, StateId};

impl<'d> Reader<'d> {
    pub(super) fn parallel(
        &mut self,
        fields: &Fields<'d, '_>,
        id: StateId,
        flow: &mut Flow,
        surrounding: &Surrounding<'d>,
    ) -> Kind {
        flow.parameters = fields
            .template("Parameters", &mut self.findings)
            .or_else(|| fields.computed("Arguments", Moment::Entry, &mut self.findings));
        flow.result_selector = fields.template("ResultSelector", &mut self.findings);
        let mut branches = Vec::new();
        let at = fields.at.field("Branches");
        for (index, branch) in fields.items("Branches", &mut self.findings).iter().enumerate() {
            let Some(branch) = Fields::of(branch, at.index(index), self.language, &mut self.findings) else {
                continue;
            };
            branch.check(&schema::BRANCH, &mut self.findings);
            branch.string("Comment", &mut self.findings);
            branches.push(self.container(&branch, Some(id), surrounding.nesting + 1));
        }
        Kind::Parallel { branches }
    }
}
