//! AWS SDK integrations: any operation of any service, but for some. (spec/integrations.md §6)
//!
//! Never here: whether Stepwell can call them.

/// Whether AWS has `aws-sdk:SERVICE:ACTION`.
pub(crate) fn offers(service: &str, action: &str) -> bool {
    let operation = aws_models::sdk_service(service).and_then(|service| service.operation(action));
    operation.is_some_and(|operation| !operation.has_event_stream()) && !leaves_out(service, action)
}

/// Whether it is in the models and AWS does not have it.
pub(crate) fn leaves_out(service: &str, action: &str) -> bool {
    LEFT_OUT.iter().any(|(of, actions)| *of == service && actions.contains(&action))
}

/// What the models have and Step Functions leaves out, beside what streams events.
const LEFT_OUT: &[(&str, &[&str])] = &[
    ("applicationdiscovery", &["describeExportConfigurations", "exportConfigurations"]),
    (
        "codedeploy",
        &[
            "batchGetDeploymentInstances",
            "getDeploymentInstance",
            "listDeploymentInstances",
            "skipWaitTimeForInstanceTermination",
        ],
    ),
    ("comprehendmedical", &["detectEntities"]),
    ("dataexchange", &["sendApiAsset"]),
    (
        "directconnect",
        &[
            "allocateConnectionOnInterconnect",
            "describeConnectionLoa",
            "describeConnectionsOnInterconnect",
            "describeInterconnectLoa",
        ],
    ),
    ("efs", &["createTags"]),
    ("emr", &["describeJobFlows"]),
    (
        "iot",
        &["attachPrincipalPolicy", "detachPrincipalPolicy", "listPolicyPrincipals", "listPrincipalPolicies"],
    ),
    ("lambda", &["invokeAsync"]),
    ("mediapackage", &["rotateChannelCredentials"]),
    ("rdsdata", &["executeSql"]),
    ("shield", &["deleteSubscription"]),
    ("sts", &["assumeRole", "assumeRoleWithSAML", "assumeRoleWithWebIdentity"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// One that is misspelt, or that the models lack by now, leaves nothing out.
    #[test]
    fn everything_that_is_left_out_is_in_the_models() {
        for (name, actions) in LEFT_OUT {
            for action in *actions {
                let service = aws_models::sdk_service(name).unwrap_or_else(|| panic!("there is no {name}"));
                assert!(service.operation(action).is_some(), "{name} has no {action}");
                assert!(!offers(name, action));
            }
        }
    }
}
