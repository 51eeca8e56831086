//! The program itself, as its users meet it: the real binary, over real sockets.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

mod captured;
mod components;
mod diagnose;
mod explain;
mod help;
mod hostile;
mod large_team;
mod logs;
mod mistakes;
mod modes;
mod proxies;
mod reports;
mod rounds;
mod saved;
mod schema;
mod secrets;
mod signals;
mod streams;
mod systems;
mod town;

use std::ffi::OsStr;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use agent::sandbox::{Clock, Credentials, Running, Sandbox, Seed, System, generate, serve};
use serde_json::{Value, json};
use tokio::process::Command;

/// Far more than anything here takes: whoever waits for so long hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// A simulated site on sockets of its own, and a directory of its own.
struct Site {
    sandbox: Sandbox,
    running: Running,
    seed: Seed,
    home: PathBuf,
}

/// How a run of the program ended.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

// === impl Site ===

impl Site {
    /// Opens a small site: four resources in two projects of four people.
    async fn open(name: &str) -> Self {
        Self::of(name, generate(4, 4, 1).unwrap()).await
    }

    async fn of(name: &str, seed: Seed) -> Self {
        let sandbox = Sandbox::new(seed.clone(), Clock::starting_at("2026-11-23T08:00:00Z".parse().unwrap()));
        let running = serve(sandbox.clone(), IpAddr::V4(Ipv4Addr::LOCALHOST), 0).await.unwrap();
        Self { sandbox, running, seed, home: home(name) }
    }

    /// Returns the configuration that leads here.
    fn config(&self) -> Value {
        let keys = Credentials::SANDBOX;
        let component =
            |kind: &str| json!({ "type": kind, "measured_unit": "units", "accounting_type": "limit" });
        json!({ "offerings": [{
            "name": "Kubernetes projects",
            "waldur_api_url": format!("{}api/", self.running.waldur),
            "waldur_api_token": keys.waldur_token,
            "waldur_offering_uuid": self.seed.waldur.offerings[0].uuid,
            "backend_type": "rancher",
            "order_processing_backend": "rancher",
            "membership_sync_backend": "rancher",
            "reporting_backend": "rancher",
            "backend_settings": {
                "backend_url": bare(&self.running.rancher),
                "username": keys.rancher_access_key,
                "password": keys.rancher_secret_key,
                "cluster_id": self.seed.rancher.clusters[0].id,
                "default_role": "project-member",
                "keycloak_enabled": true,
                "keycloak_url": bare(&self.running.keycloak),
                "keycloak_realm": keys.keycloak_realm,
                "keycloak_user_realm": keys.keycloak_realm,
                "keycloak_client_id": keys.keycloak_client_id,
                "keycloak_client_secret": keys.keycloak_client_secret,
                "keycloak_use_user_id": false,
            },
            "backend_components": { "cpu": component("cpu"), "memory": component("ram") },
        }] })
    }

    /// Returns the configuration with some keys of the offering or its backend changed; null removes a key.
    fn config_with(&self, changes: &[(&str, Value)]) -> Value {
        let mut config = self.config();
        let offering = config["offerings"][0].as_object_mut().unwrap();
        for (key, value) in changes {
            let backend = offering["backend_settings"].as_object_mut().unwrap();
            let owner = if backend.contains_key(*key) || key.starts_with("keycloak_") {
                backend
            } else {
                &mut *offering
            };
            if value.is_null() {
                owner.remove(*key);
            } else {
                owner.insert((*key).to_owned(), value.clone());
            }
        }
        config
    }

    /// Writes a file of this site and returns its path.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        write(&self.home, name, text)
    }

    /// Writes the configuration and returns its path.
    fn config_file(&self) -> PathBuf {
        self.file("c.yaml", &self.config().to_string())
    }

    /// Runs a verb with the site's configuration and further arguments.
    async fn agent(&self, arguments: &[&str]) -> Run {
        let config = self.config_file();
        let mut all = vec![arguments[0], "-c", config.to_str().unwrap()];
        all.extend(&arguments[1..]);
        run(&self.home, &all).await
    }

    /// Returns how many requests wrote something; a login does not.
    fn writes(&self) -> u64 {
        let journal = self.sandbox.journal();
        journal.iter().filter(|exchange| exchange.write && !exchange.path.ends_with("/token")).count() as u64
    }

    /// Replaces what differs from run to run: ports, and what this operating system calls an error.
    fn plain(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for system in [System::Waldur, System::Rancher, System::Keycloak] {
            text = text.replace(bare(self.running.root(system)), &format!("http://{system}"));
        }
        // Linux and macOS number the same refusal differently.
        text.replace("(os error 111)", "(os error N)").replace("(os error 61)", "(os error N)")
    }
}

// === impl Run ===

impl Run {
    #[track_caller]
    fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn out_has(self, text: &str) -> Self {
        assert!(self.out.contains(text), "no {text:?} on stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn err_has(self, text: &str) -> Self {
        assert!(self.err.contains(text), "no {text:?} on stderr:\n{}", self.err);
        self
    }
}

/// Returns a directory of this test's own, empty.
fn home(name: &str) -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(name);
    if home.exists() {
        std::fs::remove_dir_all(&home).unwrap();
    }
    std::fs::create_dir_all(&home).unwrap();
    home
}

fn write(home: &Path, name: &str, text: &str) -> PathBuf {
    let path = home.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Returns the program, with nothing around it that could steer it.
fn agent<A: AsRef<OsStr>>(home: &Path, arguments: &[A]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_agent"));
    command.args(arguments).current_dir(home).env_clear().kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program to its end.
async fn run<A: AsRef<OsStr>>(home: &Path, arguments: &[A]) -> Run {
    ended(agent(home, arguments)).await
}

async fn ended(mut command: Command) -> Run {
    let output = tokio::time::timeout(PATIENCE, command.output()).await.unwrap().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn bare(url: &url::Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// Returns a file of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
