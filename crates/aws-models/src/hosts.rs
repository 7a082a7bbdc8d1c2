//! Where AWS's services are: the host of an operation in a region, and what its requests are signed for.
//!
//! `data/hosts.txt` has what is not regular; its head says how it is written. Never here: endpoints that
//! somebody has set, FIPS and dual-stack hosts, whether a service exists in a region.

use std::sync::LazyLock;

use crate::Operation;

static HOSTS: LazyLock<Hosts> = LazyLock::new(|| Hosts::read(include_str!("../data/hosts.txt")));

/// Where an operation is called, by HTTPS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// `sqs.eu-west-1.amazonaws.com`
    pub name: String,
    /// What comes before every path: mostly nothing, or such as `/v2`.
    pub path: String,
    /// The region that requests are signed for: one for all where a service has but one host.
    pub signing_region: String,
    /// The service's name in signatures.
    pub signing_name: String,
}

/// A part of AWS with names, accounts and hosts of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// `aws`, as in ARNs.
    pub name: &'static str,
    /// What most hosts end with: `amazonaws.com`.
    pub suffix: &'static str,
    /// What the hosts of some newer services end with: `api.aws`.
    pub other_suffix: &'static str,
    /// The region that services without regions are signed for.
    pub global_region: &'static str,
    /// What the names of its regions begin with; nothing for the partition that has all others.
    beginning: &'static str,
}

/// The partition that a region belongs to, whether the region is known or not.
pub fn partition(region: &str) -> &'static Partition {
    static PUBLIC: Partition = Partition {
        name: "aws",
        suffix: "amazonaws.com",
        other_suffix: "api.aws",
        global_region: "us-east-1",
        beginning: "",
    };
    let known = HOSTS.partitions.iter().filter(|partition| region.starts_with(partition.beginning));
    known.max_by_key(|partition| partition.beginning.len()).unwrap_or(&PUBLIC)
}

/// Whether a host is one of AWS's own: its name ends as those of a partition do.
pub fn is_host_of_aws(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let ends_with =
        |suffix: &str| name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    HOSTS.partitions.iter().any(|partition| ends_with(partition.suffix) || ends_with(partition.other_suffix))
}

/// Whether a text can be a region's name, and stand in a host's.
pub fn is_region(region: &str) -> bool {
    let may_stand = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let ends = [region.as_bytes().first(), region.as_bytes().last()];
    // A label of a host has 63 letters at most. (RFC 1035)
    region.len() <= 63
        && region.bytes().all(may_stand)
        && ends.iter().all(|byte| byte.is_some_and(|byte| *byte != b'-'))
}

impl Operation<'_> {
    /// Its host in a region; `None` if there is none, or if that is no region. What the operation itself
    /// wants in front ([`Operation::host_prefix`]) is not part of it.
    pub fn host(self, region: &str) -> Option<Host> {
        if !is_region(region) {
            return None;
        }
        let service = self.service();
        let partition = partition(region);
        let row = HOSTS.row(service.name(), self.name(), partition, region);
        let form = row.map_or(Some(Form::REGULAR), |row| row.form)?;
        let fill = |text: &str| {
            text.replace("{prefix}", service.endpoint_prefix())
                .replace("{region}", region)
                .replace("{global}", partition.global_region)
                .replace("{suffix}", partition.suffix)
                .replace("{other}", partition.other_suffix)
                .replace("{name}", service.signing_name())
        };
        let place = fill(form.place);
        let (name, path) = place.split_at(place.find('/').unwrap_or(place.len()));
        Some(Host {
            name: name.to_owned(),
            path: path.to_owned(),
            signing_region: fill(form.signing_region),
            signing_name: fill(form.signing_name),
        })
    }
}

struct Hosts {
    partitions: Vec<Partition>,
    rows: Vec<Row>,
}

struct Row {
    service: &'static str,
    /// Separated by commas; nothing for all.
    operations: &'static str,
    /// `*`, a partition or a region.
    place: &'static str,
    form: Option<Form>,
}

#[derive(Clone, Copy)]
struct Form {
    place: &'static str,
    signing_region: &'static str,
    signing_name: &'static str,
}

impl Form {
    const REGULAR: Form =
        Form { place: "{prefix}.{region}.{suffix}", signing_region: "{region}", signing_name: "{name}" };
}

impl Hosts {
    /// A line that cannot be read is none: only a broken build has such, and its tests tell.
    fn read(text: &'static str) -> Hosts {
        let mut hosts = Hosts { partitions: Vec::new(), rows: Vec::new() };
        for line in text.lines() {
            let fields: Vec<&'static str> = line.split(' ').collect();
            match fields[..] {
                ["partition", name, suffix, other_suffix, global_region, ref beginning @ ..] => {
                    let beginning = beginning.first().copied().unwrap_or_default();
                    let partition = Partition { name, suffix, other_suffix, global_region, beginning };
                    hosts.partitions.push(partition);
                }
                ["host", key, place, ref form @ ..] => {
                    let (service, operations) = key.split_once('.').unwrap_or((key, ""));
                    let form = match form {
                        [place, signing_region, signing_name] => {
                            Some(Form { place, signing_region, signing_name })
                        }
                        _ => None,
                    };
                    hosts.rows.push(Row { service, operations, place, form });
                }
                _ => {}
            }
        }
        hosts
    }

    fn row(&self, service: &str, operation: &str, partition: &Partition, region: &str) -> Option<&Row> {
        let of_operation = |row: &Row| row.operations.split(',').any(|known| known == operation);
        let narrowness = |row: &Row| match row.place {
            place if place == region => Some(3),
            place if place == partition.name => Some(2),
            "*" => Some(1),
            _ => None,
        };
        let rows = self.rows.iter().filter(|row| row.service == service);
        let fitting = rows.filter(|row| row.operations.is_empty() || of_operation(row));
        let ranked = fitting.filter_map(|row| Some(((!row.operations.is_empty(), narrowness(row)?), row)));
        ranked.max_by_key(|(rank, _)| *rank).map(|(_, row)| row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(service: &str, action: &str, region: &str, expected: &str) {
        let operation = crate::service(service).unwrap().operation(action).unwrap();
        let host = operation.host(region).map_or("-".to_owned(), |host| {
            let Host { name, path, signing_region, signing_name } = host;
            format!("{name}{path} {signing_region} {signing_name}")
        });
        assert_eq!(host, expected, "{service} {action} {region}");
    }

    #[test]
    fn every_line_is_read() {
        let text = include_str!("../data/hosts.txt");
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let hosts = Hosts::read(text);
        assert_eq!(lines.count(), hosts.partitions.len() + hosts.rows.len());
        let nowhere = hosts.rows.iter().filter(|row| row.form.is_none()).count();
        assert_eq!(nowhere, text.lines().filter(|line| line.ends_with(" -")).count());
        assert!(hosts.rows.iter().all(|row| crate::service(row.service).is_some()));
    }

    #[test]
    fn regular_hosts() {
        check("sqs", "sendMessage", "eu-west-1", "sqs.eu-west-1.amazonaws.com eu-west-1 sqs");
        check("sqs", "sendMessage", "cn-north-1", "sqs.cn-north-1.amazonaws.com.cn cn-north-1 sqs");
        check("sqs", "sendMessage", "xx-new-9", "sqs.xx-new-9.amazonaws.com xx-new-9 sqs");
        check(
            "cloudwatch",
            "putMetricData",
            "us-gov-west-1",
            "monitoring.us-gov-west-1.amazonaws.com us-gov-west-1 monitoring",
        );
    }

    #[test]
    fn irregular_hosts() {
        check("iam", "getRole", "eu-west-1", "iam.amazonaws.com us-east-1 iam");
        check("iam", "getRole", "cn-northwest-1", "iam.cn-north-1.amazonaws.com.cn cn-north-1 iam");
        check("geo-maps", "getTile", "eu-west-1", "maps.geo.eu-west-1.amazonaws.com/v2 eu-west-1 geo-maps");
        check("sdb", "select", "us-east-1", "sdb.amazonaws.com us-east-1 sdb");
        check("sdb", "select", "us-west-1", "sdb.us-west-1.amazonaws.com us-west-1 sdb");
    }

    #[test]
    fn operations_may_be_elsewhere() {
        check(
            "neptune-graph",
            "getGraph",
            "eu-west-1",
            "neptune-graph.eu-west-1.amazonaws.com eu-west-1 neptune-graph",
        );
        check(
            "neptune-graph",
            "getQuery",
            "eu-west-1",
            "eu-west-1.neptune-graph.amazonaws.com eu-west-1 neptune-graph",
        );
        check("cloudfront-keyvaluestore", "getKey", "us-east-1", "-");
    }

    #[test]
    fn what_is_no_region_has_no_host() {
        for region in ["", "-", "a.b", "us-east-1/", "evil.example/x?", "US-EAST-1", "a-"] {
            check("sqs", "sendMessage", region, "-");
        }
    }

    #[test]
    fn hosts_of_aws() {
        for name in
            ["sqs.eu-west-1.amazonaws.com", "dsql.eu-west-1.api.aws", "S3.CN-NORTH-1.amazonaws.com.cn."]
        {
            assert!(is_host_of_aws(name), "{name}");
        }
        for name in ["localhost", "notamazonaws.com", "amazonaws.com.example.org", "127.0.0.1", ""] {
            assert!(!is_host_of_aws(name), "{name}");
        }
    }
}
