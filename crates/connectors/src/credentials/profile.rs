//! What a profile of AWS's files says of credentials: where the first ones come from, and which roles are
//! assumed one after the other from there.
//!
//! Pure. Never here: files, programs, requests.

use sigv4::Credentials;

use super::Trouble;
use super::sts::AssumeRole;
use crate::shared_config::{Parsed, Section};

/// How a profile's credentials are had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) first: First,
    /// In the order in which they are assumed.
    pub(super) roles: Vec<AssumeRole>,
}

/// Where the first credentials come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum First {
    Keys(Credentials),
    Process { profile: String, command: String },
    WebIdentity { token_file: String, role: AssumeRole },
    Environment,
}

/// Follows a profile and its source profiles. A profile leads to each other one once at most.
pub(super) fn plan(parsed: &Parsed, profile: &str) -> Result<Plan, Trouble> {
    let mut roles = Vec::new();
    let mut visited: Vec<&str> = Vec::new();
    let mut name = profile;
    let first = loop {
        let Some(section) = parsed.profiles.get(name) else {
            return Err(Trouble::Nothing(format!(
                "There is no profile {name} in AWS's configuration files."
            )));
        };
        // A source profile that has keys gives those, whatever role it may have beside.
        let is_source = !visited.is_empty();
        let role = match keys(name, section)? {
            Some(keys) if is_source || section.get("role_arn").is_none() => break First::Keys(keys),
            _ => section.get("role_arn"),
        };
        visited.push(name);
        let Some(role_arn) = role else { break without_role(name, section)? };
        let role = assume_role(role_arn, section);
        if section.get("mfa_serial").is_some() {
            return Err(unsupported(name, "mfa_serial, which needs somebody who types a code"));
        }
        if let Some(token_file) = section.get("web_identity_token_file") {
            break First::WebIdentity { token_file: token_file.to_owned(), role };
        }
        roles.push(role);
        match (section.get("source_profile"), section.get("credential_source")) {
            (Some(source), _) if source == name => match keys(name, section)? {
                Some(keys) => break First::Keys(keys),
                None => return Err(circle(name)),
            },
            (Some(source), _) if visited.contains(&source) => return Err(circle(name)),
            (Some(source), _) => name = source,
            (None, Some("Environment")) => break First::Environment,
            (None, Some(source)) => return Err(unsupported(name, &format!("credential_source = {source}"))),
            (None, None) => {
                return Err(Trouble::Nothing(format!(
                    "The profile {name} has role_arn, and neither source_profile nor credential_source to assume it with."
                )));
            }
        }
    };
    roles.reverse();
    Ok(Plan { first, roles })
}

fn keys(name: &str, section: &Section) -> Result<Option<Credentials>, Trouble> {
    match (section.get("aws_access_key_id"), section.get("aws_secret_access_key")) {
        (None, None) => Ok(None),
        (Some(access_key_id), Some(secret_access_key)) => Ok(Some(Credentials {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: secret_access_key.to_owned(),
            session_token: section.get("aws_session_token").map(str::to_owned),
        })),
        _ => Err(Trouble::Nothing(format!(
            "The profile {name} has only one of aws_access_key_id and aws_secret_access_key: set both, or neither."
        ))),
    }
}

fn without_role(name: &str, section: &Section) -> Result<First, Trouble> {
    if let Some(command) = section.get("credential_process") {
        return Ok(First::Process { profile: name.to_owned(), command: command.to_owned() });
    }
    if section.has_any("sso_") {
        return Err(unsupported(name, "IAM Identity Center (sso_…)"));
    }
    if section.has_any("login_") {
        return Err(unsupported(name, "a login of the AWS CLI (login_session)"));
    }
    Err(Trouble::Nothing(format!("The profile {name} has no credentials.")))
}

fn assume_role(role_arn: &str, section: &Section) -> AssumeRole {
    let duration = section.get("duration_seconds").and_then(|seconds| seconds.parse().ok());
    AssumeRole {
        role_arn: role_arn.to_owned(),
        role_session_name: section.get("role_session_name").unwrap_or("stepwell").to_owned(),
        external_id: section.get("external_id").map(str::to_owned),
        duration_seconds: duration.unwrap_or(AssumeRole::DURATION_SECONDS),
    }
}

fn unsupported(name: &str, what: &str) -> Trouble {
    Trouble::Nothing(format!(
        "The profile {name} has its credentials by {what}, which is not supported: use keys, a role with source_profile, \
         web_identity_token_file, or credential_process (such as \"aws configure export-credentials --format process\")."
    ))
}

fn circle(name: &str) -> Trouble {
    Trouble::Nothing(format!("The source_profile of the profile {name} leads back to it."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(config: &str, profile: &str) -> Result<Plan, Trouble> {
        let mut parsed = Parsed::default();
        parsed.add_config(config);
        parsed.add_credentials("[keys]\naws_access_key_id = A\naws_secret_access_key = S\n");
        plan(&parsed, profile)
    }

    #[track_caller]
    fn check_trouble(config: &str, text: &str) {
        let Err(Trouble::Nothing(told)) = planned(config, "p") else { panic!("{config} is no plan") };
        assert!(told.contains(text), "{told}");
    }

    #[test]
    fn roles_are_assumed_from_the_innermost_on() {
        let config = "\
[profile p]
role_arn = outer
source_profile = q
external_id = x
[profile q]
role_arn = inner
source_profile = keys
role_session_name = me
duration_seconds = 900
";
        let Plan { first, roles } = planned(config, "p").unwrap();
        assert!(matches!(first, First::Keys(keys) if keys.access_key_id == "A"));
        let [inner, outer] = &roles[..] else { panic!("{roles:?}") };
        assert_eq!(
            (&*inner.role_arn, &*inner.role_session_name, inner.duration_seconds),
            ("inner", "me", 900)
        );
        assert_eq!((&*outer.role_arn, outer.external_id.as_deref()), ("outer", Some("x")));
        assert_eq!((&*outer.role_session_name, outer.duration_seconds), ("stepwell", 3600));
    }

    #[test]
    fn other_beginnings() {
        let keys_and_role =
            "[profile p]\naws_access_key_id=A\naws_secret_access_key=S\nrole_arn=r\nsource_profile=p\n";
        for (config, first) in [
            ("[profile p]\nrole_arn=r\ncredential_source=Environment\n", First::Environment),
            (
                "[profile p]\ncredential_process = give \"me\"\n",
                First::Process { profile: "p".to_owned(), command: "give \"me\"".to_owned() },
            ),
        ] {
            assert_eq!(planned(config, "p").unwrap().first, first);
        }
        let planned_itself = planned(keys_and_role, "p").unwrap();
        assert!(matches!(planned_itself.first, First::Keys(_)) && planned_itself.roles.len() == 1);
        let web = planned("[profile p]\nrole_arn=r\nweb_identity_token_file=t\n", "p").unwrap();
        assert!(
            matches!(web.first, First::WebIdentity { token_file, role } if token_file == "t" && role.role_arn == "r")
        );
        assert_eq!(web.roles, []);
    }

    #[test]
    fn what_cannot_be_followed_is_said() {
        check_trouble("", "no profile p");
        check_trouble("[profile p]\nregion=x\n", "has no credentials");
        check_trouble("[profile p]\naws_access_key_id=A\n", "only one of");
        check_trouble("[profile p]\nrole_arn=r\n", "neither source_profile nor");
        check_trouble("[profile p]\nrole_arn=r\nsource_profile=q\n", "no profile q");
        check_trouble("[profile p]\nrole_arn=r\nsource_profile=p\n", "leads back");
        check_trouble(
            "[profile p]\nrole_arn=r\nsource_profile=q\n[profile q]\nrole_arn=r\nsource_profile=p\n",
            "leads back",
        );
        check_trouble("[profile p]\nrole_arn=r\nmfa_serial=m\nsource_profile=keys\n", "mfa_serial");
        check_trouble(
            "[profile p]\nrole_arn=r\ncredential_source=Ec2InstanceMetadata\n",
            "Ec2InstanceMetadata",
        );
        check_trouble("[profile p]\nsso_session=s\n", "IAM Identity Center");
        check_trouble("[profile p]\nlogin_session=s\n", "login_session");
    }
}
