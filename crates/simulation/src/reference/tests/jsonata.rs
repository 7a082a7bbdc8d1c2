//! The same for states in JSONata.

use super::*;

const DEFINITION: &str = r#"{"QueryLanguage":"JSONata","StartAt":"Get","States":{
    "Get":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","TimeoutSeconds":"{% $states.input.n + 19 %}",
        "Arguments":{"FunctionName":"f","Payload":"{% $states.input.n %}"},
        "Output":"{% $states.context.State.RetryCount = 0 ? $error($states.result.x) : {'items': $states.input.items, 'x': $states.result.x} %}",
        "Retry":[{"ErrorEquals":["States.QueryEvaluationError"],"IntervalSeconds":5,"MaxAttempts":1}],"Next":"Each"},
    "Each":{"Type":"Map","Items":"{% $states.input.items %}","MaxConcurrency":1,"Assign":{"many":"{% $count($states.result) %}"},
        "ItemSelector":"{% $states.context.Map.Item.Value * 10 %}",
        "ItemProcessor":{"StartAt":"One","States":{"One":{"Type":"Pass","Output":"{% $states.input + 1 %}","End":true}}},
        "Next":"Which"},
    "Which":{"Type":"Choice","Choices":[
        {"Condition":"{% $many = 1 %}","Next":"Nap"},
        {"Condition":"{% $many = 2 %}","Output":"{% $states.input[0] %}","Next":"Nap"}],"Default":"Bad"},
    "Nap":{"Type":"Wait","Seconds":"{% $many %}","Next":"Bad"},
    "Bad":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f","Arguments":["{% $nobody %}"],
        "Catch":[{"ErrorEquals":["States.ALL"],"Output":"{% $states.errorOutput.Error %}","Next":"Last"}],"End":true},
    "Last":{"Type":"Succeed","Output":{"was":"{% $states.input %}","many":"{% $many %}"}}}}"#;

const INPUT: &str = r#"{"n":1,"items":[5,6]}"#;
const GOT: &str = r#"{"items":[5,6],"x":"y"}"#;
const LAST: &str = r#"{"was":"States.QueryEvaluationError","many":2}"#;

fn evaluation_failed(state: &str, entered: u64, field: &str, expression: &str, words: &str) -> What {
    let cause = format!(
        "An error occurred while executing the state '{state}' (entered at the event id #{entered}). The JSONata \
         expression '{expression}' specified for the field '{field}' {words}"
    );
    let failure = Failure { error: Some("States.QueryEvaluationError".into()), cause: Some(cause) };
    What::EvaluationFailed { failure, field: Some(field.into()), state: state.into() }
}

/// A run with one retry and one catch, both of failed evaluations.
fn history() -> Vec<Event> {
    let output = || document(r#"{"x":"y"}"#);
    let mut left_each = exited("Map", "Each", "[51,61]");
    if let What::Exited { assigned, .. } = &mut left_each {
        assigned.push(("many".into(), document("2")));
    }
    let not_at_first = evaluation_failed(
        "Get",
        2,
        "Output",
        "$states.context.State.RetryCount = 0 ? $error($states.result.x) : {'items': $states.input.items, 'x': $states.result.x}",
        "threw an error during evaluation. D3137: y",
    );
    let undefined = "returned nothing (undefined).";
    numbered(vec![
        (0, 0, What::Began { input: document(INPUT) }),
        (0, 0, entered("Task", "Get", INPUT)),
        (2, 0, scheduled()),
        (3, 0, What::Called(Family::Service)),
        (4, 1, What::TaskSucceeded { family: Family::Service, output: output() }),
        // The work was done: it stands behind it.
        (5, 1, not_at_first),
        (6, 6, scheduled()),
        (7, 6, What::Called(Family::Service)),
        (8, 8, What::TaskSucceeded { family: Family::Service, output: output() }),
        (9, 8, exited("Task", "Get", GOT)),
        (10, 8, entered("Map", "Each", GOT)),
        (11, 8, What::MapStarted { length: 2 }),
        (12, 8, iteration(Step::Started, 0)),
        (13, 8, entered("Pass", "One", "50")),
        (14, 8, exited("Pass", "One", "51")),
        (15, 8, iteration(Step::Succeeded, 0)),
        (15, 8, iteration(Step::Started, 1)),
        (17, 8, entered("Pass", "One", "60")),
        (18, 8, exited("Pass", "One", "61")),
        (19, 8, iteration(Step::Succeeded, 1)),
        (20, 8, What::MapSucceeded),
        (20, 8, left_each),
        (22, 8, entered("Choice", "Which", "[51,61]")),
        (23, 8, exited("Choice", "Which", "51")),
        (24, 8, entered("Wait", "Nap", "51")),
        (25, 10, exited("Wait", "Nap", "51")),
        (26, 10, entered("Task", "Bad", "51")),
        // Nothing was done: it stands beside the entry.
        (26, 10, evaluation_failed("Bad", 27, "Arguments[0]", "$nobody", undefined)),
        (28, 10, exited("Task", "Bad", r#""States.QueryEvaluationError""#)),
        (29, 10, entered("Succeed", "Last", r#""States.QueryEvaluationError""#)),
        (30, 10, exited("Succeed", "Last", LAST)),
        (31, 10, What::Succeeded { output: document(LAST) }),
    ])
}

fn read(events: &[Event]) -> Result<Told, Difference> {
    read_of(DEFINITION, INPUT, events)
}

#[test]
fn a_right_history_of_jsonata_is_right_wherever_it_ends() {
    let told = Told {
        calls: 2,
        retries: 1,
        caught: 1,
        evaluations_failed: 2,
        evaluations_retried: 1,
        evaluations_caught: 1,
        ..Told::default()
    };
    assert_eq!(read(&history()), Ok(told));
    let inside_a_turn: Vec<usize> =
        (2..history().len()).filter(|&length| read(&history()[..length]).is_err()).collect();
    // Between two states a long turn may have been cut.
    assert_eq!(inside_a_turn, [2, 3, 5, 7, 9, 11, 12, 14, 15, 16, 18, 19, 20, 21, 23, 27, 28, 30, 31]);
}

#[test]
fn every_event_and_every_value_of_jsonata_counts() {
    each_counts(&history(), read);
    each_value_counts(&history(), read);
}

#[test]
fn words_places_and_times_of_failed_evaluations_are_seen() {
    let with = |id: usize, change: &dyn Fn(&mut Event)| {
        let mut events = history();
        change(&mut events[id - 1]);
        read(&events)
    };
    let other_words = |event: &mut Event| {
        let What::EvaluationFailed { failure, .. } = &mut event.what else { panic!("{event:?}") };
        failure.cause = failure
            .cause
            .take()
            .map(|cause| cause.replace("(undefined)", "(null)").replace("D3137", "D3138"));
    };
    let other_state = |event: &mut Event| {
        let What::EvaluationFailed { state, .. } = &mut event.what else { panic!("{event:?}") };
        *state = "Other".into();
    };
    for id in [6, 28] {
        assert!(with(id, &other_words).is_err(), "event {id} has other words");
        assert!(with(id, &other_state).is_err(), "event {id} is of another state");
    }
    assert!(
        with(28, &|event| event.previous = 27).is_err(),
        "an evaluation on entering stands behind the entry"
    );
    assert!(with(7, &|event| event.at = 5_500).is_err(), "a retry before its delay");
    assert!(with(26, &|event| event.at = 9_999).is_err(), "a wait that is too short");
}

/// In JSONPath states a text that looks like an expression is one, and so it is the other way round.
#[test]
fn the_language_of_a_state_counts() {
    let definition = |own: &str| {
        format!(
            r#"{{"StartAt":"P","States":{{"P":{{"Type":"Pass",{own}"Assign":{{"a":"{{% 1 + 1 %}}","b.$":"$.n"}},"End":true}}}}}}"#
        )
    };
    let history = |assigned: Vec<(&str, &str)>| {
        let mut left = exited("Pass", "P", INPUT);
        if let What::Exited { assigned: all, .. } = &mut left {
            all.extend(assigned.iter().map(|(name, value)| ((*name).into(), document(value))));
        }
        numbered(vec![
            (0, 0, What::Began { input: document(INPUT) }),
            (0, 0, entered("Pass", "P", INPUT)),
            (2, 0, left),
            (3, 0, What::Succeeded { output: document(INPUT) }),
        ])
    };
    let jsonata = history(vec![("a", "2"), ("b.$", r#""$.n""#)]);
    let jsonpath = history(vec![("a", r#""{% 1 + 1 %}""#), ("b", "1")]);
    for (own, is_jsonata) in
        [("", false), (r#""QueryLanguage":"JSONPath","#, false), (r#""QueryLanguage":"JSONata","#, true)]
    {
        assert_eq!(read_of(&definition(own), INPUT, &jsonata).is_ok(), is_jsonata, "{own}");
        assert_eq!(read_of(&definition(own), INPUT, &jsonpath).is_ok(), !is_jsonata, "{own}");
    }
}
