//! Choice: goes where the first rule that holds says. (spec/asl.md §9)

use super::container::Surrounding;
use super::fields::Fields;
use super::jsonata::Moment;
use super::reader::Reader;
use super::{schema, warnings};
use crate::choice::Condition;
use crate::machine::{ChoiceRule, Kind};

impl<'d> Reader<'d> {
    pub(super) fn choice(
        &mut self,
        fields: &Fields<'d, '_>,
        surrounding: &mut Surrounding<'d>,
    ) -> Option<Kind> {
        let at = fields.at.field("Choices");
        let items = fields.items("Choices", &mut self.findings);
        if items.is_empty() {
            surrounding.graph.is_unclear();
        }
        let mut rules = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match Fields::of(item, at.index(index), fields.language, &mut self.findings) {
                Some(rule) => rules.extend(self.rule(&rule, surrounding)),
                None => surrounding.graph.is_unclear(),
            }
        }
        let default = fields
            .string("Default", &mut self.findings)
            .and_then(|name| surrounding.graph.target(name, &fields.at.field("Default")));
        (rules.len() == items.len()).then_some(Kind::Choice { rules, default })
    }

    fn rule(&mut self, fields: &Fields<'d, '_>, surrounding: &mut Surrounding<'d>) -> Option<ChoiceRule> {
        let condition = if fields.reads_jsonpath() {
            fields.check_required(&["Next"], &mut self.findings);
            self.condition(fields)
        } else {
            fields.check(&schema::JSONATA_RULE, &mut self.findings);
            self.jsonata_condition(fields)
        };
        fields.string("Comment", &mut self.findings);
        let assign = self.assign(fields, Moment::Entry);
        let output = fields.computed("Output", Moment::Entry, &mut self.findings);
        let next = self.required_next(fields, surrounding);
        Some(ChoiceRule { condition: condition?, next: next?, assign, output })
    }

    fn condition(&mut self, fields: &Fields<'d, '_>) -> Option<Condition> {
        for name in fields.object.keys() {
            fields.check_language(name, &mut self.findings);
        }
        warnings::no_path_in_condition(fields, &mut self.findings);
        match Condition::parse(fields.object) {
            Ok(condition) => Some(condition),
            Err(errors) => {
                for error in errors {
                    match error.location.strip_prefix('/') {
                        Some(inside) => self.findings.schema(&fields.at.field(inside), error.message),
                        None => self.findings.schema(&fields.at, error.message),
                    }
                }
                None
            }
        }
    }

    /// `Condition`: a boolean or an expression.
    fn jsonata_condition(&mut self, fields: &Fields<'d, '_>) -> Option<Condition> {
        let value = fields.value("Condition")?;
        if fields.is_expression(value) {
            let expression = fields.expression("Condition", Moment::Entry, &mut self.findings);
            return expression.map(Condition::Jsonata);
        }
        fields.boolean("Condition", &mut self.findings).map(Condition::Literal)
    }
}
