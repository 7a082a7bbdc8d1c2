//! A CloudFormation template becomes APIs and tables, as far as its values are known before it is deployed.
//!
//! What CDK and Amplify write into `cdk.out` is such a template; schemas, code and nested stacks lie beside it. What is not
//! understood is told with its logical identifier. Never here: deploying anything else.

mod assets;
mod collect;
mod physical;
mod properties;
mod stack;
mod tables;

use std::collections::BTreeMap;
use std::path::Path;

use aws_names::Scope;

use self::assets::Assets;
use self::collect::Collected;
use super::wanted::Wanted;

/// Reads a template with values for its parameters. `Err`: what cannot be resolved, a line each.
pub fn read(file: &Path, parameters: &BTreeMap<String, String>, scope: &Scope) -> Result<Wanted, String> {
    let assets = Assets::of(file.parent().unwrap_or(Path::new("")));
    let stack = stack::read(file, parameters, scope, &assets)?;
    let name = file.display().to_string();
    let mut collected = Collected::new(scope, &assets, &name);
    collected.take(&stack);
    collected.finish()
}

#[cfg(test)]
mod tests;
