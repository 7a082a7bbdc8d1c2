//! One state: what all types have in common.

use json::{Text, Value};

use super::container::Surrounding;
use super::fields::Fields;
use super::jsonata::Moment;
use super::location::Location;
use super::reader::Reader;
use super::schema::{self, Shape};
use super::variables;
use crate::machine::{Flow, Kind, QueryLanguage, State, StateId};

impl<'d> Reader<'d> {
    /// Reads a state and the states inside it, and puts them behind those that were read before.
    pub(super) fn state(
        &mut self,
        name: &Text,
        state: &'d Value,
        at: Location<'_>,
        surrounding: &mut Surrounding<'d>,
    ) {
        let id = self.next_state();
        self.states.push(None);
        let Some(mut fields) = Fields::of(state, at, self.language, &mut self.findings) else {
            surrounding.graph.is_unclear();
            return;
        };
        fields.language = self.query_language(&fields).unwrap_or(self.language);
        if self.language == QueryLanguage::Jsonata && fields.language == QueryLanguage::JsonPath {
            self.findings.schema(
                &fields.at,
                "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
            );
        }
        let Some(shape) = self.shape(&fields) else {
            surrounding.graph.is_unclear();
            return;
        };
        fields.check(shape, &mut self.findings);
        fields.string("Comment", &mut self.findings);

        let mut flow =
            Flow { input_path: fields.selection("InputPath", &mut self.findings), ..Flow::default() };
        let kind = self.kind(&fields, id, &mut flow, surrounding);
        flow.result_path = fields.result_path(&mut self.findings);
        flow.output_path = fields.selection("OutputPath", &mut self.findings);
        // States that can fail and be tried again are those that do some work.
        let exit = if shape.allows("Retry") { Moment::Exit } else { Moment::Entry };
        flow.output = fields.computed("Output", exit, &mut self.findings);
        flow.assign = self.assign(&fields, exit);
        let (mut retry, mut catch) = (Vec::new(), Vec::new());
        if shape.allows("Retry") {
            retry = self.retry(&fields);
            catch = self.catch(&fields, surrounding);
        }
        let next = if shape.allows("Next") { self.next(&fields, surrounding) } else { None };
        let Some(kind) = kind else { return };
        let state = State {
            name: name.clone(),
            container: surrounding.id,
            query_language: fields.language,
            flow,
            next,
            retry,
            catch,
            kind,
        };
        variables::check_reads(&state, &fields.at, &self.scopes, &self.hidden_scopes, &mut self.findings);
        self.states[id.0 as usize] = Some(state);
    }

    /// The fields of the state's type.
    fn shape(&mut self, fields: &Fields<'d, '_>) -> Option<&'static Shape> {
        fields.check_required(&["Type"], &mut self.findings);
        Some(match fields.word("Type", schema::STATE_TYPES, &mut self.findings)? {
            "Task" => &schema::TASK,
            "Wait" => &schema::WAIT,
            "Pass" => &schema::PASS,
            "Succeed" => &schema::SUCCEED,
            "Fail" => &schema::FAIL,
            "Choice" => &schema::CHOICE,
            "Parallel" => &schema::PARALLEL,
            "Map" => &schema::MAP,
            other => unreachable!("{other} is none of the types of states"),
        })
    }

    /// What the state does. `None` where that could not be understood, which is a finding then.
    fn kind(
        &mut self,
        fields: &Fields<'d, '_>,
        id: StateId,
        flow: &mut Flow,
        surrounding: &mut Surrounding<'d>,
    ) -> Option<Kind> {
        match fields.value("Type").and_then(Value::as_str)? {
            "Task" => self.task(fields, flow),
            "Wait" => self.wait(fields),
            "Pass" => Some(self.pass(fields, flow)),
            "Succeed" => {
                surrounding.graph.ends_here();
                Some(Kind::Succeed)
            }
            "Fail" => {
                surrounding.graph.ends_here();
                Some(self.fail(fields))
            }
            "Choice" => self.choice(fields, surrounding),
            "Parallel" => Some(self.parallel(fields, id, flow, surrounding)),
            "Map" => self.map(fields, id, flow, surrounding),
            other => unreachable!("{other} is none of the types of states"),
        }
    }

    /// `Next` or `End`.
    fn next(&mut self, fields: &Fields<'d, '_>, surrounding: &mut Surrounding<'d>) -> Option<StateId> {
        // `End: false` is as good as none. (spec/asl.md §3)
        let end = fields.boolean("End", &mut self.findings) == Some(true);
        let next = fields.string("Next", &mut self.findings);
        match (next, end) {
            (Some(_), true) => fields.check_one_of(&["Next", "End"], &mut self.findings),
            (None, true) => surrounding.graph.ends_here(),
            (Some(_), false) => {}
            (None, false) => {
                if !fields.has("Next") {
                    let message = "One of the following fields is required: [Next, End]";
                    self.findings.schema(&fields.at, message);
                }
                surrounding.graph.is_unclear();
            }
        }
        surrounding.graph.target(next?, &fields.at.field("Next"))
    }

    /// `Assign`, of a state, a Choice rule or a Catcher.
    pub(super) fn assign(
        &mut self,
        fields: &Fields<'d, '_>,
        moment: Moment,
    ) -> Option<crate::template::Template> {
        variables::check_names(fields, &self.scopes, &mut self.findings);
        fields.template_in_either("Assign", moment, &mut self.findings)
    }
}
