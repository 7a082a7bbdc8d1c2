use expect_test::{Expect, expect};

use super::*;

fn check_refused(text: &str, expected: Expect) {
    let problems = Mocks::parse(text).expect_err("it is refused");
    let lines: Vec<String> = problems.iter().map(|problem| format!("{problem}\n")).collect();
    expected.assert_eq(&lines.concat());
}

const FILE: &str = r#"{
    "StateMachines": {
        "Orders": { "TestCases": {
            "Happy": { "Charge": "Charged", "Ship": "Shipped", "Refund": "Charged" },
            "AllReal": {}
        } },
        "Empty": { "TestCases": {} }
    },
    "MockedResponses": {
        "Charged": {
            "3": { "Return": { "StatusCode": 200 } },
            "0": { "Throw": { "Error": "Lambda.ServiceException", "Cause": "An issue" } },
            "1-2": { "Throw": { "Error": "Lambda.TooManyRequestsException", "Cause": "" } }
        },
        "Shipped": { "0-4294967295": { "Return": null } }
    }
}"#;

#[test]
fn each_invocation_has_its_answer() {
    let mocks = Mocks::parse(FILE).expect("it is a mock file");
    assert_eq!(mocks.test_case_count(), 2);
    let answer = |state: &str, invocation| match mocks.outcome("Orders", "Happy", state, invocation) {
        Ok(Some(TaskOutcome::Succeeded(result))) => format!("returns {}", result.text()),
        Ok(Some(TaskOutcome::Failed(failure))) => format!("throws {}", failure.name()),
        Ok(Some(TaskOutcome::TimedOut)) => "times out".to_owned(),
        Ok(None) => "real".to_owned(),
        Err(why) => why,
    };
    assert_eq!(answer("Charge", 0), "throws Lambda.ServiceException");
    assert_eq!(answer("Charge", 1), "throws Lambda.TooManyRequestsException");
    assert_eq!(answer("Refund", 2), "throws Lambda.TooManyRequestsException");
    assert_eq!(answer("Charge", 3), r#"returns {"StatusCode":200}"#);
    assert_eq!(
        answer("Charge", 4),
        "The test case 'Happy' does not say what invocation 4 of this state answers (the first is 0): its mocked \
         response 'Charged' has 0, 1-2, 3."
    );
    assert_eq!(answer("Ship", u32::MAX), "returns null");
    assert_eq!(answer("Unknown", 0), "real");
}

#[test]
fn test_cases_that_are_not_there_are_told_with_those_that_are() {
    let mocks = Mocks::parse(FILE).expect("it is a mock file");
    assert_eq!(mocks.check("Orders", "AllReal"), Ok(()));
    let why = |mocks: &Mocks, machine: &str, test_case: &str| mocks.check(machine, test_case).unwrap_err();
    assert_eq!(
        why(&mocks, "Orders", "Hapy"),
        "There is no test case 'Hapy' of the state machine 'Orders': the mock file has 'AllReal', 'Happy'."
    );
    let none_of_it =
        "There is no test case 'Happy' of the state machine 'NAME': the mock file has no test cases of it.";
    assert_eq!(why(&mocks, "Bills", "Happy"), none_of_it.replace("NAME", "Bills"));
    assert_eq!(why(&mocks, "Empty", "Happy"), none_of_it.replace("NAME", "Empty"));
    assert_eq!(
        why(Mocks::none(), "Orders", "Happy"),
        "There is no test case 'Happy' of the state machine 'Orders': there are no mocks; --mock-config or \
         SFN_MOCK_CONFIG names a MockConfigFile.json."
    );
}

#[test]
fn all_that_is_wrong_is_told_with_its_place() {
    check_refused(
        r#"{
            "StateMachines": {
                "A": { "TestCases": { "One": { "S": "Missing", "T": 7, "U": "Broken" }, "Two": [] } },
                "B": {},
                "C": "x",
                "D": { "TestCases": null }
            },
            "MockedResponses": {
                "Broken": {
                    "first": { "Return": 1 },
                    "2-1": { "Return": 1 },
                    "-1": { "Return": 1 },
                    "4294967296": { "Return": 1 },
                    "0-4": { "Return": 1 },
                    "3": { "Return": 1, "Throw": {} },
                    "5": {},
                    "6": { "Throw": { "Error": 5, "Reason": "x" } },
                    "7": { "Throw": "x" },
                    "8": 8
                },
                "Empty": {},
                "List": []
            }
        }"#,
        expect![[r#"
            MockedResponses.Broken.first: this is no invocation, such as "0", and no range of them, such as "1-2"
            MockedResponses.Broken.2-1: this is no invocation, such as "0", and no range of them, such as "1-2"
            MockedResponses.Broken.-1: this is no invocation, such as "0", and no range of them, such as "1-2"
            MockedResponses.Broken.4294967296: this is no invocation, such as "0", and no range of them, such as "1-2"
            MockedResponses.Broken.3: invocation 3 has two answers
            MockedResponses.Broken.3: an answer has exactly one field: 'Return' or 'Throw'
            MockedResponses.Broken.5: an answer has exactly one field: 'Return' or 'Throw'
            MockedResponses.Broken.6.Throw: the field 'Error' must be there, and a string
            MockedResponses.Broken.6.Throw: the field 'Cause' must be there, and a string
            MockedResponses.Broken.6.Throw: there is no field 'Reason' here: only 'Error' and 'Cause'
            MockedResponses.Broken.7.Throw: what is thrown must be an object, and this is of the kind string
            MockedResponses.Broken.8: an answer must be an object, and this is of the kind number
            MockedResponses.Empty: it has no invocation: the first is "0"
            MockedResponses.List: a mocked response must be an object, and this is of the kind array
            StateMachines.A.TestCases.One.S: 'MockedResponses' has no 'Missing'
            StateMachines.A.TestCases.One.T: the name of a mocked response is needed
            StateMachines.A.TestCases.Two: a test case must be an object, and this is of the kind array
            StateMachines.B: the field 'TestCases' is missing
            StateMachines.C: a state machine must be an object, and this is of the kind string
            StateMachines.D.TestCases: the test cases must be an object, and this is of the kind null
        "#]],
    );
}

#[test]
fn what_is_no_mock_file_is_told() {
    check_refused(
        "{\n  \"StateMachines\": {}\n  \"MockedResponses\": {}\n}",
        expect![[r#"
            line 3: this is not JSON: Unexpected character ('"' (code 34)): was expecting comma to separate Object entries
        "#]],
    );
    check_refused(
        "[]",
        expect![[r#"
            a mock file must be an object, and this is of the kind array
        "#]],
    );
    check_refused(
        r#"{ "MockedResponse": {} }"#,
        expect![[r#"
            the field 'StateMachines' is missing
        "#]],
    );
    check_refused(
        r#"{ "StateMachines": [], "MockedResponses": 1 }"#,
        expect![[r#"
            MockedResponses: the mocked responses must be an object, and this is of the kind number
            StateMachines: the state machines must be an object, and this is of the kind array
        "#]],
    );
    check_refused(
        "{ \"StateMachines\": {},\n \"MockedResponses\": { \"R\": { \"0\": { \"Return\": 1 },\n \"0\": { \"Return\": 2 } } } }",
        expect![[r#"
            MockedResponses.R: '0' is there twice (line 3)
        "#]],
    );
}
