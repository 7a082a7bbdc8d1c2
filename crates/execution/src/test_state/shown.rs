//! Which stages AWS shows of which state, as recorded; those of Wait states and of ItemSelector,
//! ItemBatcher and ItemsPointer after the API's documentation. All others are evaluated and not shown.

use asl::Kind;
use asl::machine::{QueryLanguage, State};

use crate::inspection::Stage;

/// Whether a stage of the state's data flow is shown.
pub(super) fn is_shown(stage: Stage, state: &State) -> bool {
    use Stage::*;
    let shown: &[Stage] = match (&state.kind, state.query_language) {
        (Kind::Pass { result: None }, QueryLanguage::JsonPath) => {
            &[InputPath, Parameters, ResultSelector, ResultPath]
        }
        // A literal result has no use for the input.
        (Kind::Pass { result: Some(_) }, QueryLanguage::JsonPath) => &[Result, ResultSelector, ResultPath],
        (Kind::Task(_), QueryLanguage::JsonPath) => {
            &[InputPath, Parameters, Result, ResultSelector, ResultPath]
        }
        (Kind::Task(_), QueryLanguage::Jsonata) => &[Parameters, Result],
        (Kind::Parallel { .. }, QueryLanguage::JsonPath) => &[ResultSelector, ResultPath],
        (Kind::Map(_), QueryLanguage::JsonPath) => {
            &[InputPath, ItemsPointer, ItemsPath, ItemSelector, ItemBatcher, ResultSelector, ResultPath]
        }
        (Kind::Map(_), QueryLanguage::Jsonata) => &[ItemsPointer, ItemSelector, ItemBatcher],
        (Kind::Wait(_) | Kind::Choice { .. } | Kind::Succeed, QueryLanguage::JsonPath) => &[InputPath],
        (Kind::Fail { .. }, QueryLanguage::JsonPath) => &[],
        (
            Kind::Pass { .. }
            | Kind::Wait(_)
            | Kind::Choice { .. }
            | Kind::Parallel { .. }
            | Kind::Succeed
            | Kind::Fail { .. },
            QueryLanguage::Jsonata,
        ) => &[],
    };
    shown.contains(&stage)
}
