//! For tests: real databases, each started in a temporary folder on a free port, and gone with the test.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// A database server of a test's own.
#[derive(Debug)]
pub struct Server {
    process: Child,
    folder: PathBuf,
    scheme: &'static str,
    port: u16,
}

/// A certificate and its key, in PEM.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// The certificate.
    pub certificate: &'a str,
    /// Its private key.
    pub key: &'a str,
}

/// As whom tests log in.
pub const USER: &str = "ada";
/// With which password, as it stands in a URL.
pub const PASSWORD_IN_URL: &str = "p%40ss:word";
const PASSWORD: &str = "p@ss:word";

impl Server {
    /// Starts PostgreSQL. None, with a line on standard error, if it is not installed. (Debian's package `postgresql`)
    ///
    /// # Panics
    ///
    /// If it is there and does not start.
    pub fn postgres(identity: Option<Identity<'_>>) -> Option<Server> {
        let programs = newest_postgres()?;
        let folder = Folder::new("postgres");
        folder.write("password", PASSWORD);
        let data = folder.path.join("data");
        let mut initdb = folder.command(&programs.join("initdb"));
        initdb.args([
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--username",
            USER,
        ]);
        initdb.arg("--pwfile").arg(folder.path.join("password")).arg("--pgdata").arg(&data);
        finished(initdb);
        let port = free_port();
        let mut postgres = folder.command(&programs.join("postgres"));
        postgres.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"] {
            postgres.args(["-c", setting]);
        }
        for (name, file) in folder.identity(identity, ["ssl_cert_file", "ssl_key_file"]) {
            postgres.args(["-c", "ssl=on", "-c", &format!("{name}={file}")]);
        }
        Some(Server::started(folder, postgres, "ready to accept connections", "postgres", port))
    }

    /// Starts MariaDB. None, with a line on standard error, if it is not installed. (Debian's package `mariadb-server`)
    ///
    /// # Panics
    ///
    /// If it is there and does not start.
    pub fn mariadb(identity: Option<Identity<'_>>) -> Option<Server> {
        let places = ["/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd", "/usr/bin/mariadbd"];
        let Some(program) = places.iter().map(Path::new).find(|path| path.exists()) else {
            eprintln!("skipped: MariaDB is not installed (apt-get install mariadb-server)");
            return None;
        };
        let folder = Folder::new("mariadb");
        let data = folder.path.join("data");
        let mut install = folder.command(Path::new("mariadb-install-db"));
        install.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
        install.args(["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]);
        finished(install);
        folder.write(
            "init.sql",
            &format!("CREATE DATABASE IF NOT EXISTS {USER};\nCREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON *.* TO {USER}@'%';\n"),
        );
        let port = free_port();
        let mut server = folder.command(program);
        let options = folder.identity(identity, ["ssl-cert", "ssl-key"]);
        server.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
        server.arg(format!("--init-file={}", folder.path.join("init.sql").display()));
        server.arg(format!("--socket={}", folder.path.join("socket").display()));
        server.arg(format!("--pid-file={}", folder.path.join("pid").display()));
        server.args(["--bind-address=127.0.0.1", &format!("--port={port}"), "--skip-name-resolve"]);
        server.args([
            "--innodb-buffer-pool-size=16M",
            "--innodb-flush-log-at-trx-commit=0",
            "--skip-log-bin",
            "--character-set-server=utf8mb4",
        ]);
        server.args(options.into_iter().map(|(name, file)| format!("--{name}={file}")));
        Some(Server::started(folder, server, "ready for connections", "mysql", port))
    }

    /// Where it is: `postgres://ada:…@127.0.0.1:49152/ada`. The database of that name is there in MariaDB; PostgreSQL has
    /// `postgres`.
    pub fn url(&self) -> String {
        let database = if self.scheme == "postgres" { "postgres" } else { USER };
        format!("{}://{USER}:{PASSWORD_IN_URL}@127.0.0.1:{}/{database}", self.scheme, self.port)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn started(folder: Folder, mut command: Command, ready: &str, scheme: &'static str, port: u16) -> Server {
        let mut process =
            command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it can be started");
        let mut lines = BufReader::new(process.stderr.take().expect("it is piped")).lines();
        let mut said = String::new();
        // It says so, or ends.
        let is_ready = lines.by_ref().map_while(io::Result::ok).any(|line| {
            said.push_str(&line);
            said.push('\n');
            line.contains(ready)
        });
        let server = Server { process, folder: folder.path, scheme, port };
        assert!(is_ready, "the database did not start:\n{said}");
        // What nobody reads would hold it up.
        thread::spawn(move || lines.for_each(drop));
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A temporary folder of somebody who may run a database: they refuse to run as root.
struct Folder {
    path: PathBuf,
    owner: Option<(u32, u32)>,
}

impl Folder {
    fn new(what: &str) -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("stepwell-{what}-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder can be made");
        let is_root = fs::metadata(&path).expect("it is there").uid() == 0;
        let owner = is_root.then(|| user("postgres").or_else(|| user("nobody")).expect("there is nobody"));
        if let Some((user, group)) = owner {
            chown(&path, Some(user), Some(group)).expect("root may do that");
        }
        Folder { path, owner }
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path.join(name);
        fs::write(&path, text).expect("a file can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
        if let Some((user, group)) = self.owner {
            chown(&path, Some(user), Some(group)).expect("root may do that");
        }
    }

    /// Writes a certificate and its key; the names of the options that say where they are, and where.
    fn identity(
        &self,
        identity: Option<Identity<'_>>,
        options: [&'static str; 2],
    ) -> Vec<(&'static str, String)> {
        let Some(Identity { certificate, key }) = identity else { return Vec::new() };
        let files = [("tls.crt", certificate), ("tls.key", key)];
        let write = |(option, (name, pem)): (&'static str, (&str, &str))| {
            self.write(name, pem);
            (option, self.path.join(name).display().to_string())
        };
        options.into_iter().zip(files).map(write).collect()
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.path).env("HOME", &self.path).stdin(Stdio::null());
        // Two that are made at the same time would take each other's temporary tables.
        command.env("TMPDIR", &self.path);
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

fn user(name: &str) -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| match line.split(':').collect::<Vec<_>>()[..] {
        [known, _, user, group, ..] if known == name => Some((user.parse().ok()?, group.parse().ok()?)),
        _ => None,
    })
}

/// The folder of the newest version's programs.
fn newest_postgres() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let version = |entry: &fs::DirEntry| entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
    let newest = versions.max_by_key(version).map(|entry| entry.path().join("bin"));
    let found = newest.into_iter().chain(["/usr/local/bin".into(), "/usr/bin".into()]);
    let found = found.into_iter().find(|folder: &PathBuf| folder.join("initdb").exists());
    if found.is_none() {
        eprintln!("skipped: PostgreSQL is not installed (apt-get install postgresql)");
    }
    found
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.local_addr().expect("it is bound").port()
}

fn finished(mut command: Command) {
    let output = command.output().expect("it can be started");
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} failed:\n{said}{complained}");
}
