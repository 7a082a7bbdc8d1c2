//! State machines follow definition files: created when a file is new, updated when it differs.
//!
//! A definition that cannot be used is shown with its place, and what was there before stays.

use std::collections::BTreeMap;
use std::path::Path;

use engine::Engine;
use engine::request::{CreateStateMachine, UpdateStateMachine};
use store::MachineType;

use crate::definition::DefinitionFile;
use crate::printing;
use crate::project;
use crate::settings::Loaded;

const UNCHANGED: &str = "unchanged";

/// Keeps the machines of one folder in step with its files.
pub struct Sync {
    engine: Engine,
    /// What was last made of each file, so that nothing is printed twice.
    seen: BTreeMap<String, Result<String, String>>,
    /// Machines that were found as their files have them.
    unchanged: usize,
}

impl Sync {
    /// Nothing seen yet.
    pub fn new(engine: Engine) -> Sync {
        Sync { engine, seen: BTreeMap::new(), unchanged: 0 }
    }

    /// Says how many machines were there already as their files have them.
    pub fn say_how_many(&self) {
        match (self.unchanged, self.seen.len()) {
            (_, 0) => printing::out("no *.asl.json or *.asl.yaml here yet; they are taken up as they come"),
            (0, _) => {}
            (1, _) => printing::out("unchanged: 1 state machine"),
            (many, _) => printing::out(format_args!("unchanged: {many} state machines")),
        }
    }

    /// Reads all definition files and makes the machines follow. `Err`: the folder cannot be read, or
    /// two files have the same name.
    pub async fn definitions(&mut self, loaded: &Loaded) -> anyhow::Result<()> {
        let files = project::definition_files(loaded)?;
        for (name, path) in &files {
            self.follow(name, path).await;
        }
        let gone: Vec<String> = self.seen.keys().filter(|name| !files.contains_key(*name)).cloned().collect();
        for name in gone {
            self.seen.remove(&name);
            printing::out(format_args!(
                "the file of {name} is gone; the state machine stays until DeleteStateMachine is called"
            ));
        }
        Ok(())
    }

    async fn follow(&mut self, name: &str, path: &Path) {
        let outcome = match usable(path) {
            Ok(json) => {
                if self.seen.get(name).is_some_and(|seen| seen.as_ref() == Ok(&json)) {
                    return;
                }
                match self.put(name, &json).await {
                    // At a start that is not worth a line; after a mistake it is good news.
                    Ok(UNCHANGED) if !self.seen.contains_key(name) => {
                        self.unchanged += 1;
                        Ok(json)
                    }
                    Ok(done) => {
                        printing::out(format_args!(
                            "{done}: {} → {}",
                            path.display(),
                            self.engine.scope().state_machine(name)
                        ));
                        Ok(json)
                    }
                    Err(problem) => Err(format!("{}: {problem}", path.display())),
                }
            }
            Err(problem) => Err(problem),
        };
        if let Err(problem) = &outcome
            && self.seen.get(name) != Some(&outcome)
        {
            let kept = self.machine_exists(name);
            printing::err(format_args!(
                "{problem}{}",
                if kept { "\n  the earlier definition stays in force" } else { "" }
            ));
        }
        self.seen.insert(name.to_owned(), outcome);
    }

    async fn put(&self, name: &str, json: &str) -> Result<&'static str, engine::Refusal> {
        let arn = self.engine.scope().state_machine(name);
        let role_arn = role_arn(&self.engine);
        if let Some(machine) = self.engine.store().machine(&arn) {
            if *machine.current.definition == *json && machine.current.role_arn == *role_arn {
                return Ok(UNCHANGED);
            }
            self.engine
                .update_state_machine(UpdateStateMachine {
                    state_machine_arn: arn.into(),
                    definition: Some(json.to_owned()),
                    role_arn: Some(role_arn.into()),
                    ..UpdateStateMachine::default()
                })
                .await?;
            return Ok("updated");
        }
        create(&self.engine, name, json).await?;
        Ok("created")
    }

    fn machine_exists(&self, name: &str) -> bool {
        let arn = self.engine.scope().state_machine(name);
        self.engine.store().machine(&arn).is_some()
    }
}

/// Creates the machines of a folder but for the one called `main`, so that it can start them. One that cannot
/// be used is told, and is not there then.
pub async fn create_others(engine: &Engine, loaded: &Loaded, main: &str) -> anyhow::Result<()> {
    for (name, path) in project::definition_files(loaded)? {
        if name == main {
            continue;
        }
        let problem = match usable(&path) {
            Ok(json) => create(engine, &name, &json)
                .await
                .err()
                .map(|refusal| format!("{}: {refusal}", path.display())),
            Err(problem) => Some(problem),
        };
        if let Some(problem) = problem {
            printing::err(format_args!("{problem}\n  {main} cannot start {name}"));
        }
    }
    Ok(())
}

/// Creates a STANDARD machine and returns its ARN.
pub async fn create(engine: &Engine, name: &str, json: &str) -> Result<json::Text, engine::Refusal> {
    let created = engine
        .create_state_machine(CreateStateMachine {
            name: name.into(),
            definition: json.to_owned(),
            role_arn: role_arn(engine).into(),
            machine_type: MachineType::Standard,
            logging: json::value!({ "level": "OFF", "includeExecutionData": false }),
            tracing: json::value!({ "enabled": false }),
            encryption: json::value!({ "type": "AWS_OWNED_KEY" }),
            tags: Vec::new(),
            publish: None,
        })
        .await?;
    Ok(created.arn)
}

/// The role that machines from files run as. Nothing checks it; histories and ARNs show it.
fn role_arn(engine: &Engine) -> String {
    let scope = engine.scope();
    format!("arn:{}:iam::{}:role/stepwell-dev", scope.partition, scope.account)
}

/// The JSON of a file without errors, or what is wrong with it, ready to print.
fn usable(path: &Path) -> Result<String, String> {
    if !aws_names::name_is_valid(&crate::definition::machine_name(path)) {
        return Err(format!("{}: this name cannot be a state machine's: rename the file", path.display()));
    }
    let file = match DefinitionFile::read(path) {
        Ok(Ok(file)) => file,
        Ok(Err(finding)) => return Err(finding.to_string()),
        Err(error) => return Err(format!("{error:#}")),
    };
    let errors: Vec<String> = file
        .findings(asl::Options::default())
        .into_iter()
        .filter(|finding| finding.is_error())
        .map(|f| f.to_string())
        .collect();
    if errors.is_empty() { Ok(file.json) } else { Err(errors.join("\n")) }
}
