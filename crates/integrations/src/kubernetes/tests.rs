use super::*;
use crate::Integration;

fn parsed(text: &str) -> Value {
    Value::parse(text).unwrap()
}

/// Parameters of a cluster, and these.
fn parameters(more: &str) -> Value {
    parsed(&format!(r#"{{"ClusterName":"c","CertificateAuthority":"QQ==","Endpoint":"https://h",{more}}}"#))
}

fn problems(action: &str, more: &str) -> Vec<String> {
    Integration::find("eks", action).unwrap().problems(&parameters(more))
}

#[test]
fn a_call_is_sent_as_it_is_written() {
    let parameters = parameters(
        r#""Method":"PUT","Path":"/api/v1/pods","QueryParameters":{"a":["1","2"],"b":["x y"]},"RequestBody":{"k":1}"#,
    );
    assert_eq!(Integration::find("eks", "call").unwrap().problems(&parameters), Vec::<String>::new());
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        call(&parameters),
        Request {
            method: "PUT".to_owned(),
            path: "/api/v1/pods".to_owned(),
            query: vec![pair("a", "1"), pair("a", "2"), pair("b", "x y")],
            body: Some(("application/json", r#"{"k":1}"#.to_owned())),
        }
    );
    assert_eq!(
        Cluster::of(&parameters),
        Cluster { name: "c", certificate_authority: "QQ==", endpoint: "https://h" }
    );
}

#[test]
fn a_patch_says_of_which_kind_it_is() {
    for (body, kind) in [
        (r#"[{"op":"remove","path":"/a"}]"#, "application/json-patch+json"),
        (r#"{"a":null}"#, "application/merge-patch+json"),
    ] {
        let request = call(&parameters(&format!(r#""Method":"PATCH","Path":"/p","RequestBody":{body}"#)));
        assert_eq!(request.body, Some((kind, body.to_owned())));
    }
}

#[test]
fn parameters_that_do_not_fit_are_told() {
    let invalid = |name: &str| format!("The value of the field '{name}' has an invalid format");
    assert_eq!(problems("call", r#""Method":"get","Path":"/p""#), [invalid("Method")]);
    assert_eq!(
        problems("call", r#""Method":"GET","Path":"p","QueryParameters":{"a":"b"}"#),
        [invalid("Path"), invalid("QueryParameters")]
    );
    assert_eq!(
        problems("runJob", r#""Job":[],"Namespace":"../x","LogOptions":{"RetrieveLogs":"yes"}"#),
        [invalid("Namespace"), invalid("Job"), invalid("LogOptions")]
    );
    assert_eq!(problems("runJob", r#""Job":"{}""#), Vec::<String>::new());
    let missing = Integration::find("eks", "runJob").unwrap().problems(&parsed("{}"));
    assert_eq!(missing[0], "The field 'ClusterName' is required but was missing");
}

#[test]
fn answers_are_results_or_failures() {
    let response = |status: u16, status_text: &str, body: &str| Response {
        status,
        status_text: status_text.to_owned(),
        headers: [("audit-id", "1"), ("warning", "a"), ("warning", "b")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        body: body.to_owned(),
    };
    assert_eq!(
        Value::Object(response(200, "OK", r#"{"kind":"PodList"}"#).result().unwrap()).to_text(),
        r#"{"Headers":{"audit-id":["1"],"warning":["a","b"]},"ResponseBody":{"kind":"PodList"},"StatusCode":200,"StatusText":"OK"}"#
    );
    let failure = response(401, "Unauthorized", r#"{"kind":"Status","code":401}"#).result().unwrap_err();
    assert_eq!(failure.error, "EKS.401");
    assert_eq!(
        failure.cause,
        r#"{"ResponseBody":{"kind":"Status","code":401},"StatusCode":401,"StatusText":"Unauthorized"}"#
    );
}

#[test]
fn a_job_is_asked_for_by_the_name_that_kubernetes_gave_it() {
    let parameters = parameters(r#""Namespace":"n","Job":{"metadata":{"generateName":"j-"}}"#);
    let submission = submission(&parameters);
    assert_eq!(
        (submission.method.as_str(), submission.path.as_str()),
        ("POST", "/apis/batch/v1/namespaces/n/jobs")
    );
    let submitted = parsed(r#"{"ResponseBody":{"metadata":{"name":"j-x7k"}},"StatusCode":201}"#);
    let question = question(&parameters, &submitted).unwrap();
    assert_eq!(
        (question.method.as_str(), question.path.as_str()),
        ("GET", "/apis/batch/v1/namespaces/n/jobs/j-x7k")
    );
    let stop = stop(&parameters, &submitted).unwrap();
    assert_eq!((stop.method.as_str(), &stop.path), ("DELETE", &question.path));
    assert_eq!(stop.query, [("propagationPolicy".to_owned(), "Foreground".to_owned())]);
    let strange = parsed(r#"{"ResponseBody":{"metadata":{"name":"../../secrets"}}}"#);
    assert_eq!(super::question(&parameters, &strange), None);
}

#[test]
fn every_condition_of_a_job_is_known() {
    let job = |kind: &str, status: &str| {
        parsed(&format!(r#"{{"status":{{"conditions":[{{"type":"{kind}","status":"{status}"}}]}}}}"#))
    };
    let complete = job("Complete", "True");
    assert_eq!(read(complete.clone()), JobState::Succeeded(complete));
    let failed = job("Failed", "True");
    assert_eq!(read(failed.clone()), JobState::failed(&failed));
    for running in [
        job("Complete", "False"),
        job("Failed", "Unknown"),
        job("Suspended", "True"),
        job("FailureTarget", "True"),
        job("SuccessCriteriaMet", "True"),
        parsed("{}"),
    ] {
        assert_eq!(read(running.clone()), JobState::Running, "{running:?}");
    }
}

#[test]
fn logs_stand_below_pods_and_containers() {
    let parameters =
        parameters(r#""Job":{},"LogOptions":{"RetrieveLogs":true,"LogParameters":{"tailLines":["6"]}}"#);
    let options = LogOptions::of(&parameters).unwrap();
    let job = parsed(r#"{"metadata":{"name":"j"}}"#);
    let pods = options.pods(&parameters, &job).unwrap();
    assert_eq!(pods.path, "/api/v1/namespaces/default/pods");
    assert_eq!(pods.query, [("labelSelector".to_owned(), "job-name=j".to_owned())]);
    let list = parsed(
        r#"{"items":[{"metadata":{"name":"j-1"},"spec":{"containers":[{"name":"a"},{"name":"b"}]}},{"metadata":{"name":"j-2"},"spec":{"containers":[{"name":"a"}]}}]}"#,
    );
    let containers = options.containers(&parameters, &list);
    assert_eq!(containers[1].request.path, "/api/v1/namespaces/default/pods/j-1/log");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(containers[1].request.query, [pair("container", "b"), pair("tailLines", "6")]);
    let logs = [
        Ok(r#"{ "pi": 3.14 }"#.to_owned()),
        Ok("no JSON\n".to_owned()),
        Err(ServiceFailure::new("EKS.404", "gone")),
    ];
    let logs = || containers.iter().cloned().zip(logs.clone()).collect();
    assert_eq!(
        with_logs(job.clone(), &options, logs()).to_text(),
        r#"{"metadata":{"name":"j"},"logs":{"pods":{"j-1":{"containers":{"a":{"log":{"pi":3.14}},"b":{"log":"no JSON\n"}}},"j-2":{"containers":{"a":{"error":"EKS.404","cause":"gone"}}}}}}"#
    );
    let raw = LogOptions { is_raw: true, ..options.clone() };
    assert!(with_logs(job, &raw, logs()).to_text().contains(r#""a":{"log":"{ \"pi\": 3.14 }"}"#));
}
