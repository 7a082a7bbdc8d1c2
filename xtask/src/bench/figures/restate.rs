//! Restate, as it comes from npm: installed, started, one service deployed.
//!
//! Never here: measuring.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context;

use crate::bench::plan::Plan;
use crate::bench::process::{Process, free_port, wait_until};
use crate::bench::{api, connection::Refused};
use crate::shell;

/// What is compared with. Another version is another comparison.
const PACKAGES: [&str; 2] = ["@restatedev/restate-server@1.7.12", "@restatedev/restate-sdk@1.17.2"];
/// Its first start creates its partitions.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// One handler of five durable steps; each calls the function server over a kept connection.
const SERVICE: &str = r#"import http from "node:http";
import * as restate from "@restatedev/restate-sdk";

// The SDK expects this of Node 22; Node 20 does not have it.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((onDone, onError) => { resolve = onDone; reject = onError; });
  return { promise, resolve, reject };
};

const [port, functions] = process.argv.slice(2).map(Number);
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });

const call = (input) => new Promise((resolve, reject) => {
  const body = JSON.stringify(input);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const request = http.request(
    { agent, host: "127.0.0.1", port: functions, method: "POST", path: "/fast", headers },
    (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve(JSON.parse(Buffer.concat(parts).toString())));
    },
  );
  request.on("error", reject);
  request.end(body);
});

const pipeline = restate.service({
  name: "pipeline",
  handlers: {
    run: async (ctx, input) => {
      let data = input;
      for (const step of ["S0", "S1", "S2", "S3", "S4"]) data = await ctx.run(step, () => call(data));
      return data;
    },
  },
});

restate.serve({ services: [pipeline], port });
"#;

/// A Restate that answers.
pub struct Restate {
    pub server: Process,
    pub service: Process,
    pub ingress_port: u16,
    pub version: String,
}

impl Restate {
    /// Or else why it is not at hand. What is at hand and does not work is an error.
    pub fn start(plan: &Plan, functions: u16) -> anyhow::Result<Result<Restate, &'static str>> {
        let folder = plan.folder("restate");
        // The package's own launcher would be a second process around the server.
        let program = folder.join("node_modules/@restatedev/restate-server-linux-x64/bin/restate-server");
        if !plan.restate {
            return Ok(Err("restate-server is not at hand (--restate installs it)"));
        }
        if !shell::exists("npm") || !shell::exists("node") {
            return Ok(Err("restate-server is not at hand (npm and node are not on the path)"));
        }
        if !program.is_file() {
            plan.say("installing restate-server with npm");
            install(&folder)?;
        }
        Restate::start_installed(&folder, &program, functions).map(Ok)
    }

    /// A call of the handler.
    pub fn request(&self, input: &str) -> Vec<u8> {
        api::post("/pipeline/run", input)
    }

    fn start_installed(folder: &Path, program: &Path, functions: u16) -> anyhow::Result<Restate> {
        let data = folder.join("data");
        if data.exists() {
            std::fs::remove_dir_all(&data)?;
        }
        let [node_port, ingress_port, admin_port, service_port] =
            [free_port()?, free_port()?, free_port()?, free_port()?];
        let config = folder.join("restate.toml");
        // Nothing but addresses and silence: what it does for its users is what we compare with.
        let settings = format!(
            "listen-mode = \"tcp\"\ndisable-telemetry = true\nlog-filter = \"error\"\n\
             bind-address = \"127.0.0.1:{node_port}\"\n\
             [ingress]\nbind-address = \"127.0.0.1:{ingress_port}\"\n\
             [admin]\nbind-address = \"127.0.0.1:{admin_port}\"\n"
        );
        std::fs::write(&config, settings)?;
        std::fs::write(folder.join("service.mjs"), SERVICE)?;
        let log = std::fs::File::create(folder.join("restate.log"))?;
        let mut command = Command::new(program);
        command.arg("--config-file").arg(&config).arg("--base-dir").arg(&data).arg("--no-logo");
        let server = Process::spawn(command.env_clear().stdout(log.try_clone()?).stderr(log.try_clone()?))?;
        let mut command = Command::new("node");
        command.arg("service.mjs").args([service_port, functions].map(|port| port.to_string()));
        command.current_dir(folder).env("NODE_ENV", "production").env("RESTATE_LOGGING", "ERROR");
        let service = Process::spawn(command.stdout(Stdio::null()).stderr(log))?;

        let deployment =
            api::post("/deployments", &format!("{{\"uri\":\"http://127.0.0.1:{service_port}\"}}"));
        wait_until("deploying the service to Restate", READY_WITHIN, || {
            match api::send(admin_port, &deployment) {
                Ok(_) => Ok(true),
                // It answers 201 to what it has not seen yet.
                Err(error) => {
                    Ok(error.downcast_ref::<Refused>().is_some_and(|refused| refused.status == 201))
                }
            }
        })?;
        let version = Command::new(program).arg("--version").output()?;
        let version = String::from_utf8_lossy(&version.stdout);
        let version = version.split_whitespace().nth(1).unwrap_or("of unknown version").to_owned();
        let restate = Restate { server, service, ingress_port, version };
        wait_until("Restate's first answer", READY_WITHIN, || {
            Ok(api::send(ingress_port, &restate.request("{}")).is_ok())
        })?;
        Ok(restate)
    }
}

fn install(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("package.json"), "{ \"private\": true, \"type\": \"module\" }\n")?;
    let output = Command::new("npm")
        .args(["install", "--ignore-scripts", "--no-audit", "--no-fund"])
        .args(PACKAGES)
        .current_dir(folder)
        .output()
        .context("cannot start npm")?;
    anyhow::ensure!(
        output.status.success(),
        "npm could not install Restate: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
