//! EMR: clusters and steps, under names of Step Functions' own. (spec/integrations.md §4)
//!
//! Stopping an execution cancels its step; no cluster is ever terminated for it.

use json::{Array, Object, Value};

use crate::action::{Action, Field, JOB, Lookup, REQUEST_ONLY, Service, optional, required};
use crate::failure::{Naming, ServiceFailure};
use crate::job::{JobState, Stop, Watch};
use crate::status::{self, Meaning, Statuses, with_ids};

pub(crate) const SERVICE: Service = Service {
    name: "elasticmapreduce",
    model: "emr",
    naming: Naming {
        prefix: "ElasticMapReduce",
        unnamed: "AmazonElasticMapReduceException",
        service: "AmazonElasticMapReduce",
    },
    actions: &[
        Action {
            operation: Some("runJobFlow"),
            check: creation_problems,
            output: |_, _, output| Ok(renamed(output, "JobFlowId", "ClusterId")),
            watch: Some(&CREATION),
            answer: None,
            ..Action::new("createCluster", JOB)
        },
        Action {
            operation: Some("terminateJobFlows"),
            fields: Some(&[required("ClusterId")]),
            input: |parameters, _| listed(parameters, "ClusterId", "JobFlowIds"),
            watch: Some(&TERMINATION),
            answer: None,
            ..Action::new("terminateCluster", JOB)
        },
        Action {
            operation: Some("addJobFlowSteps"),
            fields: Some(ADD_STEP),
            input: |parameters, _| renamed(listed(parameters, "Step", "Steps"), "ClusterId", "JobFlowId"),
            output: |_, _, output| Ok(first_of(output, "StepIds", "StepId")),
            watch: Some(&STEP),
            answer: None,
            ..Action::new("addStep", JOB)
        },
        Action {
            operation: Some("setTerminationProtection"),
            fields: Some(&[required("ClusterId"), required("TerminationProtected")]),
            input: |parameters, _| listed(parameters, "ClusterId", "JobFlowIds"),
            answer: None,
            ..Action::new("setClusterTerminationProtection", REQUEST_ONLY)
        },
        Action {
            operation: Some("cancelSteps"),
            fields: Some(CANCEL_STEP),
            input: |parameters, _| listed(parameters, "StepId", "StepIds"),
            output: |_, _, output| Ok(first_of(output, "CancelStepsInfoList", "CancelStepsInfo")),
            answer: None,
            ..Action::new("cancelStep", REQUEST_ONLY)
        },
        Action {
            operation: Some("modifyInstanceFleet"),
            fields: Some(MODIFY_FLEET),
            check: |parameters| unasked(parameters.get("InstanceFleet"), "InstanceFleetId"),
            lookup: Some(&FLEET_BY_NAME),
            answer: None,
            ..Action::new("modifyInstanceFleetByName", REQUEST_ONLY)
        },
        Action {
            operation: Some("modifyInstanceGroups"),
            fields: Some(MODIFY_GROUP),
            check: |parameters| unasked(parameters.get("InstanceGroup"), "InstanceGroupId"),
            lookup: Some(&GROUP_BY_NAME),
            answer: None,
            ..Action::new("modifyInstanceGroupByName", REQUEST_ONLY)
        },
    ],
};

const ADD_STEP: &[Field] = &[required("ClusterId"), required("Step"), optional("ExecutionRoleArn")];
const CANCEL_STEP: &[Field] =
    &[required("ClusterId"), required("StepId"), optional("StepCancellationOption")];
const MODIFY_FLEET: &[Field] =
    &[required("ClusterId"), required("InstanceFleetName"), required("InstanceFleet")];
const MODIFY_GROUP: &[Field] =
    &[required("ClusterId"), required("InstanceGroupName"), required("InstanceGroup")];

/// Waits until the cluster is ready for steps.
const CREATION: Watch = Watch {
    operation: "describeCluster",
    question: |_, submitted| json::value!({ "ClusterId": member(submitted, "ClusterId") }),
    read: |_, answer| cluster(CREATED, answer),
    refused: |_, _, _| None,
    stop: None,
};

const CREATED: &Statuses = &[
    // TERMINATING becomes one of those that have failed, with the reason.
    ("STARTING", Meaning::Running),
    ("BOOTSTRAPPING", Meaning::Running),
    ("RUNNING", Meaning::Running),
    ("TERMINATING", Meaning::Running),
    ("WAITING", Meaning::Succeeded),
    ("TERMINATED", Meaning::Failed),
    ("TERMINATED_WITH_ERRORS", Meaning::Failed),
];

const TERMINATION: Watch = Watch {
    operation: "describeCluster",
    question: |parameters, _| json::value!({ "ClusterId": member(parameters, "ClusterId") }),
    read: |_, answer| cluster(TERMINATED, answer),
    refused: |_, _, _| None,
    stop: None,
};

const TERMINATED: &Statuses = &[
    ("STARTING", Meaning::Running),
    ("BOOTSTRAPPING", Meaning::Running),
    ("RUNNING", Meaning::Running),
    ("WAITING", Meaning::Running),
    ("TERMINATING", Meaning::Running),
    ("TERMINATED", Meaning::Succeeded),
    ("TERMINATED_WITH_ERRORS", Meaning::Failed),
];

const STEP: Watch = Watch {
    operation: "describeStep",
    question: |parameters, submitted| {
        json::value!({
            "ClusterId": member(parameters, "ClusterId"),
            "StepId": member(submitted, "StepId"),
        })
    },
    read: |_, answer| step(STEP_ENDED, answer),
    refused: |_, _, _| None,
    stop: Some(Stop {
        operation: "cancelSteps",
        input: |parameters, submitted| {
            json::value!({
                "ClusterId": member(parameters, "ClusterId"),
                "StepIds": [member(submitted, "StepId")],
            })
        },
    }),
};

const STEP_ENDED: &Statuses = &[
    ("PENDING", Meaning::Running),
    ("RUNNING", Meaning::Running),
    ("CANCEL_PENDING", Meaning::Running),
    ("COMPLETED", Meaning::Succeeded),
    ("CANCELLED", Meaning::Failed),
    ("FAILED", Meaning::Failed),
    ("INTERRUPTED", Meaning::Failed),
];

const FLEET_BY_NAME: Lookup = Lookup {
    operation: "listInstanceFleets",
    input: of_cluster,
    found: |parameters, answer| {
        let id = id_by_name(parameters, answer, "InstanceFleets", "InstanceFleetName", "instance fleet")?;
        let fleet = with_id(parameters.get("InstanceFleet"), "InstanceFleetId", id);
        let mut input = of_cluster(parameters);
        input.insert("InstanceFleet", fleet);
        Ok(input)
    },
};

const GROUP_BY_NAME: Lookup = Lookup {
    operation: "listInstanceGroups",
    input: of_cluster,
    found: |parameters, answer| {
        let id = id_by_name(parameters, answer, "InstanceGroups", "InstanceGroupName", "instance group")?;
        let group = with_id(parameters.get("InstanceGroup"), "InstanceGroupId", id);
        let mut input = of_cluster(parameters);
        input.insert("InstanceGroups", Array::from_iter([group]));
        Ok(input)
    },
};

/// A cluster is created to run steps that come later: it must not end by itself, and has none yet.
fn creation_problems(parameters: &Value) -> Vec<String> {
    const KEPT: &str = "KeepJobFlowAliveWhenNoSteps";
    let mut problems = unasked(Some(parameters), "Steps");
    if let Some(instances) = parameters.get("Instances").and_then(Value::as_object) {
        match instances.get(KEPT) {
            Some(Value::Bool(true)) => {}
            Some(_) => problems.push(format!("The value of the field '{KEPT}' has an invalid format")),
            None => problems.push(format!("The field '{KEPT}' is required but was missing")),
        }
    }
    problems
}

/// A field that EMR has and the integration has not.
fn unasked(structure: Option<&Value>, name: &str) -> Vec<String> {
    let is_there = structure.and_then(|structure| structure.get(name)).is_some();
    let problem = is_there.then(|| format!("The field '{name}' is not supported by Step Functions"));
    problem.into_iter().collect()
}

fn cluster(states: &Statuses, answer: Value) -> JobState {
    status::state_at(
        states,
        &["Cluster", "Status", "State"],
        with_ids(answer, "Cluster", &[("Id", "ClusterId")]),
    )
}

fn step(states: &Statuses, answer: Value) -> JobState {
    status::state_at(states, &["Step", "Status", "State"], with_ids(answer, "Step", &[("Id", "StepId")]))
}

fn member(value: &Value, name: &str) -> Value {
    value.get(name).cloned().unwrap_or_default()
}

fn of_cluster(parameters: &Object) -> Object {
    let mut input = Object::new();
    input.insert("ClusterId", parameters.get("ClusterId").cloned().unwrap_or_default());
    input
}

fn renamed(mut object: Object, name: &str, new_name: &'static str) -> Object {
    if let Some(value) = object.remove(name) {
        object.insert(new_name, value);
    }
    object
}

/// One thing becomes the list of one that EMR asks for.
fn listed(parameters: &Object, name: &str, list_name: &'static str) -> Object {
    let mut input = parameters.clone();
    if let Some(value) = input.remove(name) {
        input.insert(list_name, Array::from_iter([value]));
    }
    input
}

/// The list of one that EMR answers becomes one thing.
fn first_of(mut output: Object, list_name: &str, name: &'static str) -> Object {
    if let Some(first) = output.remove(list_name).and_then(|list| list.at(0).cloned()) {
        output.insert(name, first);
    }
    output
}

fn with_id(structure: Option<&Value>, name: &'static str, id: Value) -> Value {
    let mut structure = structure.and_then(Value::as_object).cloned().unwrap_or_default();
    structure.insert(name, id);
    structure.into()
}

/// Among what EMR lists at once, which is more than a cluster may have of either.
fn id_by_name(
    parameters: &Object,
    answer: &Value,
    list_name: &str,
    name_field: &str,
    kind: &str,
) -> Result<Value, ServiceFailure> {
    let name = parameters.get(name_field).cloned().unwrap_or_default();
    let listed = answer.get(list_name).and_then(Value::as_array).into_iter().flat_map(Array::iter);
    let found = listed.into_iter().find(|item| item.get("Name") == Some(&name));
    found.and_then(|item| item.get("Id")).cloned().ok_or_else(|| {
        let cluster = parameters.get("ClusterId").and_then(Value::as_str).unwrap_or_default();
        let name = name.as_str().unwrap_or_default();
        ServiceFailure::new(
            "ElasticMapReduce.InvalidRequestException",
            format!("The cluster '{cluster}' has no {kind} of the name '{name}'."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Around, Integration, Pattern};

    const AROUND: Around<'static> =
        Around { execution_arn: "e", state_machine_arn: "m", pattern: Pattern::Sync, token: "" };

    fn find(action: &str) -> Integration {
        Integration::find("elasticmapreduce", action).unwrap()
    }

    /// What is called with these parameters, and what the Task makes of the answer.
    fn check(action: &str, parameters: &str, input: &str, output: &str, result: &str) {
        let parameters = Value::parse(parameters).unwrap();
        let integration = find(action);
        assert_eq!(integration.problems(&parameters), Vec::<String>::new());
        let call = integration.call(&parameters, &AROUND).unwrap();
        assert_eq!(call.input.to_text(), input, "{action}");
        let output = Value::parse(output).unwrap();
        let shown = integration.result(&call, &parameters, Pattern::Sync, output).unwrap();
        assert_eq!(shown.to_text(), result, "{action}");
    }

    #[test]
    fn every_status_is_known() {
        for states in [CREATED, TERMINATED] {
            status::check_complete(states, "emr", "describeCluster", &["Cluster", "Status", "State"]);
        }
        status::check_complete(STEP_ENDED, "emr", "describeStep", &["Step", "Status", "State"]);
    }

    #[test]
    fn names_are_those_of_step_functions() {
        let cluster = r#"{"Name":"c","Instances":{"KeepJobFlowAliveWhenNoSteps":true}}"#;
        check("createCluster", cluster, cluster, r#"{"JobFlowId":"j-1"}"#, r#"{"ClusterId":"j-1"}"#);
        let of_cluster = r#"{"ClusterId":"j-1"}"#;
        check("terminateCluster", of_cluster, r#"{"JobFlowIds":["j-1"]}"#, "{}", "{}");
        check(
            "setClusterTerminationProtection",
            r#"{"ClusterId":"j-1","TerminationProtected":true}"#,
            r#"{"TerminationProtected":true,"JobFlowIds":["j-1"]}"#,
            "{}",
            "{}",
        );
        check(
            "addStep",
            r#"{"ClusterId":"j-1","Step":{"Name":"s","HadoopJarStep":{"Jar":"a.jar"}},"ExecutionRoleArn":"r"}"#,
            r#"{"ExecutionRoleArn":"r","Steps":[{"Name":"s","HadoopJarStep":{"Jar":"a.jar"}}],"JobFlowId":"j-1"}"#,
            r#"{"StepIds":["s-1"]}"#,
            r#"{"StepId":"s-1"}"#,
        );
        check(
            "cancelStep",
            r#"{"ClusterId":"j-1","StepId":"s-1"}"#,
            r#"{"ClusterId":"j-1","StepIds":["s-1"]}"#,
            r#"{"CancelStepsInfoList":[{"StepId":"s-1","Status":"SUBMITTED"}]}"#,
            r#"{"CancelStepsInfo":{"StepId":"s-1","Status":"SUBMITTED"}}"#,
        );
    }

    #[test]
    fn a_cluster_has_no_steps_and_stays() {
        let problems = |text: &str| find("createCluster").problems(&Value::parse(text).unwrap());
        assert_eq!(
            problems(r#"{"Name":"c","Steps":[],"Instances":{}}"#),
            [
                "The field 'Steps' is not supported by Step Functions",
                "The field 'KeepJobFlowAliveWhenNoSteps' is required but was missing"
            ]
        );
        assert_eq!(
            problems(r#"{"Name":"c","Instances":{"KeepJobFlowAliveWhenNoSteps":false}}"#),
            ["The value of the field 'KeepJobFlowAliveWhenNoSteps' has an invalid format"]
        );
        assert_eq!(problems(r#"{"Name":"c"}"#), ["The field 'Instances' is required but was missing"]);
    }

    #[test]
    fn names_of_fleets_and_groups_are_looked_up() {
        for (action, parameters, answer, input) in [
            (
                "modifyInstanceFleetByName",
                r#"{"ClusterId":"j-1","InstanceFleetName":"n","InstanceFleet":{"TargetSpotCapacity":3}}"#,
                r#"{"InstanceFleets":[{"Id":"if-1","Name":"m"},{"Id":"if-2","Name":"n"}]}"#,
                r#"{"ClusterId":"j-1","InstanceFleet":{"TargetSpotCapacity":3,"InstanceFleetId":"if-2"}}"#,
            ),
            (
                "modifyInstanceGroupByName",
                r#"{"ClusterId":"j-1","InstanceGroupName":"n","InstanceGroup":{"InstanceCount":3}}"#,
                r#"{"InstanceGroups":[{"Id":"ig-1","Name":"m"},{"Id":"ig-2","Name":"n"}]}"#,
                r#"{"ClusterId":"j-1","InstanceGroups":[{"InstanceCount":3,"InstanceGroupId":"ig-2"}]}"#,
            ),
        ] {
            let (parameters, answer) = (Value::parse(parameters).unwrap(), Value::parse(answer).unwrap());
            let integration = find(action);
            assert_eq!(integration.problems(&parameters), Vec::<String>::new());
            assert!(integration.call(&parameters, &AROUND).is_none());
            let lookup = integration.lookup(&parameters).unwrap();
            assert_eq!(lookup.input.to_text(), r#"{"ClusterId":"j-1"}"#);
            let call = integration.call_found(&parameters, &answer).unwrap().unwrap();
            assert_eq!(call.input.to_text(), input);
            let failure = integration.call_found(&parameters, &json::value!({})).err().unwrap();
            assert_eq!(failure.error, "ElasticMapReduce.InvalidRequestException");
            assert!(failure.cause.contains("j-1") && failure.cause.contains("'n'"), "{}", failure.cause);
        }
    }

    #[test]
    fn ids_are_found_by_name_only() {
        let parameters = json::value!({
            "ClusterId": "j-1", "InstanceFleetName": "n", "InstanceFleet": { "InstanceFleetId": "if-1" },
        });
        assert_eq!(
            find("modifyInstanceFleetByName").problems(&parameters),
            ["The field 'InstanceFleetId' is not supported by Step Functions"]
        );
    }
}
