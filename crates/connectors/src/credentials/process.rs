//! `credential_process`: a program that prints credentials as JSON.
//!
//! Never here: what it prints, in an error or a log.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use json::Value;
use sigv4::Credentials;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use super::sts::seconds;
use super::{Temporary, Trouble};

/// AWS's SDKs wait so long.
const TIME_MAX: Duration = Duration::from_secs(60);
/// Credentials have a KB or two; whoever prints more prints something else.
const OUTPUT_BYTES_MAX: u64 = 64 * 1024;

/// Runs the command, as AWS's SDKs do with the shell, and reads what it prints.
pub(super) async fn run(profile: &str, command: &str) -> Result<Temporary, Trouble> {
    run_within(profile, command, TIME_MAX).await
}

async fn run_within(profile: &str, command: &str, time_max: Duration) -> Result<Temporary, Trouble> {
    let failed = |reason: String| {
        Trouble::Failed(format!(
            "The credential_process of the profile {profile} {reason}: run it by hand to see why."
        ))
    };
    let (status, output) = match tokio::time::timeout(time_max, output_of(command)).await {
        Ok(Ok(ended)) => ended,
        Ok(Err(error)) => return Err(failed(format!("cannot be run ({error})"))),
        Err(_) => return Err(failed(format!("did not end within {} s", time_max.as_secs()))),
    };
    if output.len() as u64 >= OUTPUT_BYTES_MAX {
        return Err(failed(format!("prints {OUTPUT_BYTES_MAX} bytes or more")));
    }
    if !status.success() {
        return Err(failed(format!("failed ({status})")));
    }
    parse(&output).map_err(|reason| failed(reason.to_owned()))
}

/// The program ends with the future.
async fn output_of(command: &str) -> std::io::Result<(ExitStatus, Vec<u8>)> {
    let mut child = Command::new("/bin/sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut output = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(OUTPUT_BYTES_MAX).read_to_end(&mut output).await?;
    }
    Ok((child.wait().await?, output))
}

/// What a program must print, by AWS's guide "Source credentials with an external process".
fn parse(output: &[u8]) -> Result<Temporary, &'static str> {
    let printed = Value::parse_bytes(output).map_err(|_| "prints no JSON")?;
    let text = |name: &str| printed.get(name).and_then(Value::as_str).map(str::to_owned);
    if printed.get("Version").and_then(Value::as_i64) != Some(1) {
        return Err("does not print \"Version\": 1");
    }
    let (Some(access_key_id), Some(secret_access_key)) = (text("AccessKeyId"), text("SecretAccessKey"))
    else {
        return Err("prints no AccessKeyId or no SecretAccessKey");
    };
    let expires_at = match text("Expiration") {
        None => None,
        Some(text) => Some(seconds(&text).ok_or("prints an Expiration that is no ISO 8601 time")?),
    };
    let session_token = text("SessionToken");
    Ok(Temporary { credentials: Credentials { access_key_id, secret_access_key, session_token }, expires_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_program_prints_is_read() {
        let command = r#"printf '{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T", "Expiration": "2026-01-01T00:00:00+01:00"}'"#;
        let temporary = run("p", command).await.unwrap();
        assert_eq!(temporary.expires_at, Some(1_767_222_000));
        let Credentials { access_key_id, secret_access_key, session_token } = temporary.credentials;
        assert_eq!((&*access_key_id, &*secret_access_key, session_token.as_deref()), ("A", "S", Some("T")));
    }

    #[tokio::test]
    async fn what_goes_wrong_is_said_without_what_was_printed() {
        for (command, reason) in [
            ("echo secret; exit 3", "failed (exit status: 3)"),
            ("echo secret", "prints no JSON"),
            (r#"echo '{"Version": 2}'"#, "does not print \"Version\": 1"),
            (
                r#"echo '{"Version": 1, "AccessKeyId": "secret"}'"#,
                "prints no AccessKeyId or no SecretAccessKey",
            ),
            (
                r#"echo '{"Version": 1, "AccessKeyId": "secret", "SecretAccessKey": "secret", "Expiration": "soon"}'"#,
                "prints an Expiration",
            ),
            // The pipe closes once we have enough.
            ("yes secret", "prints 65536 bytes or more"),
        ] {
            let Err(Trouble::Failed(text)) = run("p", command).await else { panic!("{command} fails") };
            assert!(
                text.starts_with("The credential_process of the profile p ") && text.contains(reason),
                "{text}"
            );
            assert!(!text.contains("secret"), "{text}");
        }
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_ended() {
        let outcome = run_within("p", "sleep 60", Duration::from_millis(50)).await;
        assert!(matches!(outcome, Err(Trouble::Failed(text)) if text.contains("did not end within 0 s")));
    }
}
