//! Maps whose iterations are executions of their own.

use super::*;

const DEFINITION: &str = r#"{"StartAt":"Both","States":{"Both":{"Type":"Parallel","End":true,"Branches":[
    {"StartAt":"Each","States":{"Each":{"Type":"Map","ItemsPath":"$.items","MaxConcurrency":2,"ToleratedFailureCount":1,
        "ItemSelector":{"i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value"},
        "ItemBatcher":{"MaxItemsPerBatch":2,"BatchInput":{"n.$":"$.n"}},
        "ResultWriter":{"WriterConfig":{"Transformation":"FLATTEN"}},
        "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
            "StartAt":"One","States":{"One":{"Type":"Pass","OutputPath":"$.Items","End":true}}},
        "Retry":[{"ErrorEquals":["States.ExceedToleratedFailureThreshold"],"IntervalSeconds":5,"MaxAttempts":1}],"End":true}}},
    {"StartAt":"Nap","States":{"Nap":{"Type":"Wait","Seconds":30,"End":true}}}]}}}"#;

const INPUT: &str = r#"{"n":1,"items":["a","b","c"]}"#;
const RESULT: &str = r#"[1,2,{"of":"another"}]"#;

fn begun(arn: &str) -> What {
    What::MapRunStarted { arn: arn.into() }
}

/// A Map Run that fails, and one that does not.
fn history() -> Vec<Event> {
    let failure = Failure { error: Some("States.ExceedToleratedFailureThreshold".into()), cause: None };
    let both = format!("[{RESULT},{INPUT}]");
    numbered(vec![
        (0, 0, What::Began { input: document(INPUT) }),
        (0, 0, entered("Parallel", "Both", INPUT)),
        (2, 0, What::ParallelStarted),
        (3, 0, entered("Map", "Each", INPUT)),
        (4, 0, What::MapStarted { length: 3 }),
        (5, 0, begun("first")),
        (3, 0, entered("Wait", "Nap", INPUT)),
        (6, 2, What::MapRunFailed(failure)),
        (8, 7, What::MapStarted { length: 3 }),
        (9, 7, begun("second")),
        (10, 9, What::MapRunSucceeded),
        (11, 9, What::MapSucceeded),
        (11, 9, exited("Map", "Each", RESULT)),
        (7, 30, exited("Wait", "Nap", INPUT)),
        (14, 30, What::ParallelSucceeded),
        (14, 30, exited("Parallel", "Both", &both)),
        (16, 30, What::Succeeded { output: document(&both) }),
    ])
}

/// What came of the second Map Run: one child's output is no array.
fn gathered() -> BTreeMap<Text, Gathered> {
    let child = |output: &str| Child { output: Some(document(output)), details: Value::Null };
    let children = vec![child("[1,2]"), child(r#"{"of":"another"}"#)];
    BTreeMap::from([("second".into(), Gathered::Children(children))])
}

fn read(events: &[Event]) -> Result<Told, Difference> {
    read_as(None, INPUT, events, &gathered())
}

fn read_as(
    processor_of: Option<&str>,
    input: &str,
    events: &[Event],
    gathered: &BTreeMap<Text, Gathered>,
) -> Result<Told, Difference> {
    let machine = Machine::new(DEFINITION);
    let input = document(input);
    let start = Start {
        arn: "a",
        name: "n",
        role_arn: "r",
        machine_arn: "m",
        machine_name: "mn",
        input: input.value(),
        started_at: 0,
        processor_of,
    };
    check(&machine, &start, events, &[Failure::named("Stopped")], gathered, false)
}

#[test]
fn what_the_children_are_given_is_worked_out() {
    let told = read(&history()).unwrap();
    assert_eq!(told.retries, 1);
    let [first, second] = &told.map_runs[..] else { panic!("{told:?}") };
    assert_eq!((&*first.arn, &*second.arn, &*second.state), ("first", "second", "Each"));
    assert_eq!((second.items, second.at_once, second.tolerated_count), (3, 2, Some(1)));
    let inputs = [
        (r#"{"BatchInput":{"n":1},"Items":[{"i":0,"v":"a"},{"i":1,"v":"b"}]}"#, 2),
        (r#"{"BatchInput":{"n":1},"Items":[{"i":2,"v":"c"}]}"#, 1),
    ];
    let inputs = inputs.map(|(input, items)| (document(input).value().clone(), items));
    assert_eq!(second.planned, Planned { inputs: inputs.to_vec(), trouble: None });
}

#[test]
fn every_event_counts() {
    each_counts(&history(), read);
    // Another result than the children gave, and none at all.
    let other = BTreeMap::from([("second".into(), Gathered::Result(Value::Null))]);
    assert!(read_as(None, INPUT, &history(), &other).is_err());
    assert!(read_as(None, INPUT, &history(), &BTreeMap::new()).is_err());
    for length in [5, 9, 11, 12] {
        let mut events = history();
        events.truncate(length);
        assert!(read(&events).is_err(), "it ends inside a turn: {length}");
    }
}

#[test]
fn a_stop_tells_of_each_map_run_that_it_ends() {
    let stopped = |length: usize, told: &[(u64, What)]| {
        let mut events = history();
        events.truncate(length);
        let end = (0, What::Stopped(Failure::named("Stopped")));
        for (previous, what) in told.iter().cloned().chain([end]) {
            events.push(Event { id: events.len() as u64 + 1, previous, at: 20_000, what });
        }
        read(&events)
    };
    let aborted = |of: u64| [(of, What::MapRunAborted), (of, What::StateAborted { state_type: "Map" })];
    assert!(stopped(7, &aborted(6)).is_ok(), "{:?}", stopped(7, &aborted(6)));
    assert!(stopped(10, &aborted(10)).is_ok());
    assert!(stopped(7, &[]).is_err());
    assert!(stopped(7, &aborted(6)[..1]).is_err());
    // It waits for its retry.
    assert!(stopped(8, &[]).is_ok());
    assert!(stopped(8, &aborted(6)).is_err());
}

#[test]
fn a_child_runs_the_processor() {
    let input = r#"{"Items":[1]}"#;
    let events = numbered(vec![
        (0, 0, What::Began { input: document(input) }),
        (0, 0, entered("Pass", "One", input)),
        (2, 0, exited("Pass", "One", "[1]")),
        (3, 0, What::Succeeded { output: document("[1]") }),
    ]);
    let read = |processor_of| read_as(processor_of, input, &events, &BTreeMap::new());
    assert_eq!(read(Some("Each")), Ok(Told::default()));
    assert!(read(None).is_err());
    assert!(read(Some("Nap")).is_err());
}
