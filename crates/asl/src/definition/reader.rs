//! The machine as far as it has been read, and everything found on the way.

use std::collections::BTreeSet;

use json::{Object, Text};

use super::fields::Fields;
use super::findings::Findings;
use super::location::Location;
use super::variables::{self, Scope};
use super::{Options, schema};
use crate::machine::{Container, ContainerId, QueryLanguage, State, StateId, StateMachine};

/// Reads a definition, from the outside in, each state before the states inside it.
pub(super) struct Reader<'d> {
    /// Whether what is being read runs in EXPRESS executions.
    pub(super) express: bool,
    /// What is wrong with what stands there.
    pub(super) findings: Findings,
    /// What is wrong with where things lead, by container.
    pub(super) graph: Vec<(ContainerId, Findings)>,
    /// By number; `None` where a state could not be understood.
    pub(super) states: Vec<Option<State>>,
    /// By number; `None` where it has no start.
    pub(super) containers: Vec<Option<Container>>,
    /// The names of all states so far.
    pub(super) names: BTreeSet<&'d str>,
    /// The labels of all distributed Maps so far.
    pub(super) labels: BTreeSet<&'d str>,
    /// The variables of the containers around, outermost first, as far as they belong to the same execution.
    pub(super) scopes: Vec<Scope<'d>>,
    /// Those further out, which the child executions of a distributed Map do not see.
    pub(super) hidden_scopes: Vec<Scope<'d>>,
    /// The language of states that do not say theirs.
    pub(super) language: QueryLanguage,
}

impl<'d> Reader<'d> {
    pub(super) fn new(options: Options) -> Reader<'d> {
        Reader {
            express: options.express,
            findings: Findings::default(),
            graph: Vec::new(),
            states: Vec::new(),
            containers: Vec::new(),
            names: BTreeSet::new(),
            labels: BTreeSet::new(),
            scopes: Vec::new(),
            hidden_scopes: Vec::new(),
            language: QueryLanguage::JsonPath,
        }
    }

    /// The whole definition. Answers with the machine's time limit.
    pub(super) fn machine(&mut self, object: &'d Object) -> Option<u64> {
        let mut fields = Fields { object, at: Location::ROOT, language: QueryLanguage::JsonPath };
        fields.check(&schema::MACHINE, &mut self.findings);
        self.language = self.query_language(&fields).unwrap_or(QueryLanguage::JsonPath);
        fields.language = self.language;
        fields.string("Comment", &mut self.findings);
        fields.string("Version", &mut self.findings);
        let timeout_seconds = fields.integer("TimeoutSeconds", 1, SECONDS_MAX, &mut self.findings);
        self.container(&fields, None, 0);
        timeout_seconds
    }

    /// `QueryLanguage`. Any value but `JSONPath` counts as JSONata for the other checks, as on AWS.
    pub(super) fn query_language(&mut self, fields: &Fields<'d, '_>) -> Option<QueryLanguage> {
        let value = fields.value("QueryLanguage")?;
        fields.word("QueryLanguage", schema::QUERY_LANGUAGES, &mut self.findings);
        let jsonpath = value.as_str() == Some("JSONPath");
        Some(if jsonpath { QueryLanguage::JsonPath } else { QueryLanguage::Jsonata })
    }

    /// All findings in AWS's order, and the machine if everything could be understood.
    pub(super) fn finish(
        mut self,
        timeout_seconds: Option<u64>,
        findings: &mut Findings,
    ) -> Option<StateMachine> {
        findings.append(self.findings);
        // Containers are finished from the inside out and told from the outside in.
        self.graph.sort_by_key(|(container, _)| *container);
        for (_, found) in self.graph {
            findings.append(found);
        }
        let states = self.states.into_iter().collect::<Option<Vec<State>>>()?;
        let containers = self.containers.into_iter().collect::<Option<Vec<Container>>>()?;
        let variable_references = variables::references(&states);
        Some(StateMachine { states, containers, timeout_seconds, variable_references })
    }

    /// The number that the next state will get.
    pub(super) fn next_state(&self) -> StateId {
        StateId(u32::try_from(self.states.len()).expect("a definition of 1 MB has fewer states"))
    }
}

/// The longest time that any field in seconds may give. (spec/asl.md §8.2)
pub(super) const SECONDS_MAX: u64 = 99_999_999;

pub(super) fn duplicate_state_name(name: &Text) -> String {
    format!("Duplicate State name: {name}")
}
