//! `Catch`: where a failure leads. (spec/asl.md §11.3)

use super::container::Surrounding;
use super::fields::Fields;
use super::jsonata::Moment;
use super::reader::Reader;
use super::schema;
use crate::machine::Catcher;

impl<'d> Reader<'d> {
    pub(super) fn catch(
        &mut self,
        fields: &Fields<'d, '_>,
        surrounding: &mut Surrounding<'d>,
    ) -> Vec<Catcher> {
        let at = fields.at.field("Catch");
        let items = fields.array("Catch", &mut self.findings);
        let mut catchers = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let at = at.index(index);
            match Fields::of(item, at, fields.language, &mut self.findings) {
                Some(fields) => catchers.extend(self.catcher(&fields, index + 1 == items.len(), surrounding)),
                None => surrounding.graph.is_unclear(),
            }
        }
        catchers
    }

    fn catcher(
        &mut self,
        fields: &Fields<'d, '_>,
        last: bool,
        surrounding: &mut Surrounding<'d>,
    ) -> Option<Catcher> {
        fields.check(&schema::CATCHER, &mut self.findings);
        fields.string("Comment", &mut self.findings);
        let error_equals = self.error_equals(fields, last);
        let result_path = fields.result_path(&mut self.findings);
        let assign = self.assign(fields, Moment::Caught);
        let output = fields.computed("Output", Moment::Caught, &mut self.findings);
        let next = self.required_next(fields, surrounding);
        Some(Catcher { error_equals: error_equals?, next: next?, result_path, assign, output })
    }

    /// `Next` of a Catcher or a Choice rule. That it is missing is a finding already.
    pub(super) fn required_next(
        &mut self,
        fields: &Fields<'d, '_>,
        surrounding: &mut Surrounding<'d>,
    ) -> Option<crate::machine::StateId> {
        let Some(next) = fields.string("Next", &mut self.findings) else {
            surrounding.graph.is_unclear();
            return None;
        };
        surrounding.graph.target(next, &fields.at.field("Next"))
    }
}
