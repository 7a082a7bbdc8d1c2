//! How a service is called where somebody sets its endpoint.

use aws_models::Service;

/// Whether `[endpoints]` may name a service so, as botocore and the AWS CLI do; if not, why, in a sentence
/// for the user.
pub fn check_service(name: &str) -> Result<(), String> {
    if aws_models::service(name).is_some() {
        return Ok(());
    }
    let meant = aws_models::sdk_service(&name.to_ascii_lowercase()).map(Service::name);
    let meant = meant.or_else(|| nearest(name));
    let hint = meant.map(|meant| format!("; did you mean \"{meant}\"?")).unwrap_or_default();
    Err(format!(
        "\"{name}\" is no service of AWS: [endpoints] takes the names of the AWS CLI, such as dynamodb, sqs, events{hint}"
    ))
}

/// The variables that name the service's endpoint, the standard one first: its own name in upper case with
/// underscores. `AWS_ENDPOINT_URL_STEPFUNCTIONS`, by the CLI's name, is taken for our own service too.
pub(super) fn variables(service: &Service) -> Vec<String> {
    let mut names = vec![section(service)];
    if service.name() == super::BUILT_IN {
        names.push(service.name().to_owned());
    }
    names.into_iter().map(|name| format!("AWS_ENDPOINT_URL_{}", name.to_ascii_uppercase())).collect()
}

/// The service in a `services` section of AWS's configuration file: `elastic_beanstalk`.
pub(super) fn section(service: &Service) -> String {
    service.service_id().replace([' ', '-'], "_").to_ascii_lowercase()
}

/// The service whose name takes the fewest changes, if those are few.
fn nearest(name: &str) -> Option<&'static str> {
    let distances = aws_models::service_names().map(|known| (distance(name, known), known));
    distances.min().filter(|(distance, _)| *distance <= CHANGES_MAX).map(|(_, known)| known)
}

/// More changes make another name.
const CHANGES_MAX: usize = 2;

/// How many letters must be put in, taken out or replaced. (Levenshtein)
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], line + 1);
        for (place, known) in other.iter().enumerate() {
            let replaced = corner + usize::from(letter != *known);
            corner = row[place + 1];
            row[place + 1] = replaced.min(corner + 1).min(row[place] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_those_of_the_sdks() {
        for (service, variable) in [
            ("dynamodb", "AWS_ENDPOINT_URL_DYNAMODB"),
            ("events", "AWS_ENDPOINT_URL_EVENTBRIDGE"),
            ("logs", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"),
            ("stepfunctions", "AWS_ENDPOINT_URL_SFN"),
            ("apigatewayv2", "AWS_ENDPOINT_URL_APIGATEWAYV2"),
            ("elasticbeanstalk", "AWS_ENDPOINT_URL_ELASTIC_BEANSTALK"),
        ] {
            assert_eq!(variables(aws_models::service(service).unwrap())[0], variable);
        }
    }

    #[test]
    fn an_unknown_service_suggests_a_known_one() {
        assert_eq!(check_service("sqs"), Ok(()));
        for (name, meant) in [("lamda", "lambda"), ("sfn", "stepfunctions"), ("EventBridge", "events")] {
            let refusal = check_service(name).unwrap_err();
            assert!(refusal.ends_with(&format!("did you mean \"{meant}\"?")), "{refusal}");
        }
        assert!(!check_service("nothing-like-it").unwrap_err().contains("did you mean"));
    }
}
