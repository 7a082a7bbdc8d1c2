//! `$context`: what is known of a request beside what was sent. (spec/vtl.md §6.0, §6.1)

use json::{Object, Value, value};

use crate::exchange::Request;

use super::Method;

/// What whoever runs the API knows of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Milliseconds since 1970.
    pub(crate) now: i64,
    pub(crate) request_id: String,
    pub(crate) extended_request_id: String,
    pub(crate) partition: String,
    pub(crate) region: String,
    pub(crate) account: String,
    pub(crate) api_id: String,
    pub(crate) stage: String,
    pub(crate) deployment_id: String,
    /// `ID.execute-api.us-east-1.amazonaws.com`
    pub(crate) domain_name: String,
    pub(crate) stage_variables: Object,
    /// A test goes by the resource's path, without a stage.
    pub(crate) is_test: bool,
}

impl Facts {
    /// `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/GET/dragons`
    pub(crate) fn method_arn(&self, verb: &str, path: &str) -> String {
        let Facts { partition, region, account, api_id, stage, .. } = self;
        let path = path.trim_start_matches('/');
        format!("arn:{partition}:execute-api:{region}:{account}:{api_id}/{stage}/{verb}/{path}")
    }

    /// Gives a request that belongs to no trace one of its own, as functions and servers behind look for it.
    pub(crate) fn trace_through(&self, request: &mut Request) {
        const NAME: &str = "x-amzn-trace-id";
        if request.header(NAME).is_none() {
            request.headers.push((NAME.to_owned(), self.trace()));
        }
    }

    /// `Root=1-5759e988-bd862e3fe1be46a994272793`
    pub(crate) fn trace(&self) -> String {
        let digits: String =
            self.request_id.chars().filter(|letter| letter.is_ascii_hexdigit()).take(24).collect();
        format!("Root=1-{:08x}-{digits:0>24}", self.now / 1000)
    }
}

/// The context of a request, in AWS's order. What a template may write to is added where it is rendered.
pub(crate) fn context(facts: &Facts, request: &Request, method: Option<&Method>) -> Object {
    let of_method = |value: fn(&Method) -> &str| method.map_or(Value::Null, |method| value(method).into());
    let path = if facts.is_test { request.path.clone() } else { format!("/{}{}", facts.stage, request.path) };
    let prefix = facts.domain_name.split('.').next().unwrap_or_default();
    let context = value!({
        "resourceId": of_method(|method| &method.resource_id),
        "resourcePath": of_method(|method| &method.resource_path),
        "httpMethod": request.method.as_str(),
        "extendedRequestId": facts.extended_request_id.as_str(),
        "requestTime": common_log_time(facts.now),
        "path": path,
        "accountId": facts.account.as_str(),
        "protocol": "HTTP/1.1",
        "requestOverride": {"path": {}, "header": {}, "querystring": {}},
        "stage": facts.stage.as_str(),
        "domainPrefix": prefix,
        "requestTimeEpoch": facts.now,
        "requestId": facts.request_id.as_str(),
        "identity": identity(request, facts),
        "domainName": facts.domain_name.as_str(),
        "deploymentId": facts.deployment_id.as_str(),
        "responseOverride": {"header": {}},
        "apiId": facts.api_id.as_str(),
    });
    match context {
        Value::Object(context) => context,
        _ => unreachable!("it is written as an object"),
    }
}

fn identity(request: &Request, facts: &Facts) -> Value {
    let signer = request.identity.as_ref();
    let user = signer.map(|signer| format!("arn:{}:iam::{}:root", facts.partition, signer.account));
    value!({
        "cognitoIdentityPoolId": null,
        "accountId": signer.map(|signer| signer.account.as_str()),
        "cognitoIdentityId": null,
        "caller": signer.map(|signer| signer.account.as_str()),
        "sourceIp": request.source_ip.as_str(),
        "principalOrgId": null,
        "accessKey": signer.map(|signer| signer.access_key.as_str()),
        "cognitoAuthenticationType": null,
        "cognitoAuthenticationProvider": null,
        "userArn": user,
        "userAgent": request.header("user-agent"),
        "user": signer.map(|signer| signer.account.as_str()),
    })
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// Year, month from 1, day from 1 of days since 1970.
pub(crate) fn civil(days: i64) -> (i64, u32, u32) {
    let era_days = days + 719_468;
    let (era, day) = (era_days.div_euclid(146_097), era_days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    (year + era * 400 + i64::from(month <= 2), month as u32, day as u32)
}

struct Time {
    year: i64,
    month: &'static str,
    day: u32,
    weekday: &'static str,
    clock: String,
}

fn time(milliseconds: i64) -> Time {
    let seconds = milliseconds.div_euclid(1000);
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    let weekday = WEEKDAYS[days.rem_euclid(7) as usize];
    Time { year, month: MONTHS[month as usize - 1], day, weekday, clock }
}

/// `28/Nov/2026:07:12:02 +0000`
pub(crate) fn common_log_time(milliseconds: i64) -> String {
    let Time { year, month, day, clock, .. } = time(milliseconds);
    format!("{day:02}/{month}/{year}:{clock} +0000")
}

/// `Sat Nov 28 07:12:02 UTC 2026`
pub(crate) fn log_time(milliseconds: i64) -> String {
    let Time { year, month, day, weekday, clock } = time(milliseconds);
    format!("{weekday} {month} {day:02} {clock} UTC {year}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(common_log_time(0), "01/Jan/1970:00:00:00 +0000");
        assert_eq!(common_log_time(1_795_849_922_000), "28/Nov/2026:07:12:02 +0000");
        assert_eq!(log_time(1_709_210_096_500), "Thu Feb 29 12:34:56 UTC 2024");
        assert_eq!(log_time(-1), "Wed Dec 31 23:59:59 UTC 1969");
    }
}
