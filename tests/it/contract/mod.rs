//! One contract, two targets: what each endpoint that our clients use must answer, asked of the sandbox always and of
//! real servers where there are some. Where the two differ, the build fails, unless the difference is written down.
#![expect(clippy::expect_used, reason = "a test's scaffolding may fail the test")]
#![expect(clippy::print_stdout, reason = "how much was checked is said, and repeated by `.ci/run`")]

mod adoption;
mod chapter;
mod credentials;
mod crowd;
mod differences;
mod environment;
mod keycloak;
mod life;
mod onlooker;
mod rancher;
mod realm;
mod row;
mod server;
mod sow;
mod visit;
mod waldur;

use std::net::{IpAddr, Ipv4Addr};

use agent::sandbox::waldur::Dialect;
use agent::sandbox::{Clock, Credentials, Running, Sandbox, Seed, serve, story};
use base64::prelude::{BASE64_STANDARD, Engine};

use server::Server;
use visit::Visit;

/// The versions of Keycloak that the sandbox is asked as, and the paths below which it lies; `.ci/keycloak` asks the same
/// versions for real.
const VERSIONS: [(&str, &str); 4] =
    [("24.0.5", "/auth"), ("24.0.5", ""), ("26.7.3", ""), ("26.7.3", "/auth")];

/// Says how much was checked on what. `.ci/run` repeats these lines at its end.
fn tell(checks: usize, what: &str, on: &str) {
    println!("contract: {checks} checks of {what} on {on}");
}

/// Scenarios, each on realms of its own: always on the sandbox, and on a real server where that is asked for.
macro_rules! scenarios {
    ($($name:ident: $what:literal, $realms:expr, $scenario:path;)+) => {
        mod simulated {
            use super::*;

            $(
                #[tokio::test]
                async fn $name() {
                    for (version, prefix) in [VERSIONS[0], VERSIONS[2]] {
                        let server = Server::simulated(version, prefix, $realms).await;
                        tell($scenario(&server).await, $what, &server.title);
                        server.close().await;
                    }
                }
            )+
        }

        /// These are left out, and said to be, unless they are asked for.
        mod real_keycloak {
            use super::*;

            $(
                #[tokio::test]
                #[ignore = "needs a real Keycloak: bash .ci/keycloak"]
                async fn $name() {
                    let server = Server::real($realms).await;
                    tell($scenario(&server).await, $what, &server.title);
                    server.close().await;
                }
            )+
        }
    };
}

scenarios! {
    a_whole_life_of_groups_and_members: "a whole life", vec![life::realm()], life::tell_a_life;
    what_the_python_agent_left_is_taken_over: "adoption", vec![life::realm()], adoption::take_over;
    a_session_that_ends_in_mid_cycle_is_begun_again:
        "a session that ends", vec![life::realm()], credentials::a_session_that_ends_in_mid_cycle;
    tokens_of_a_second_are_renewed_in_time:
        "tokens of a second", vec![life::realm()], credentials::tokens_of_a_second;
    too_few_rights_change_nothing_and_are_told:
        "too few rights", vec![life::realm()], credentials::too_few_rights;
    wrong_places_are_told_apart: "wrong places", vec![life::realm()], credentials::wrong_places;
    a_thousand_groups_and_three_thousand_members_are_read_whole:
        "a crowd", vec![crowd::realm()], crowd::is_read_whole;
}

/// Asks every row, and says what fails.
async fn keycloak_answers(server: &Server) -> usize {
    let findings = keycloak::ask(server).await;
    let failures = findings.failures.join("\n");
    assert!(failures.is_empty(), "{} rows fail on {}:\n{failures}", findings.failures.len(), server.title);
    findings.asked
}

#[tokio::test]
async fn the_sandbox_keeps_the_contract_of_keycloak() {
    for (version, prefix) in VERSIONS {
        let server = Server::simulated(version, prefix, keycloak::realms()).await;
        tell(keycloak_answers(&server).await, "the contract", &server.title);
        server.close().await;
    }
}

#[tokio::test]
#[ignore = "needs a real Keycloak: bash .ci/keycloak"]
async fn real_keycloak_keeps_the_contract_and_the_sandbox_answers_alike() {
    let real = Server::real(keycloak::realms()).await;
    let twin = Server::simulated(&real.version_text(), &real.prefix(), keycloak::realms()).await;
    let (ours, theirs) = (keycloak::ask(&real).await, keycloak::ask(&twin).await);
    let (unknown, known) = differences::between(&ours.answers, &theirs.answers, real.version);
    let report = [ours.failures.as_slice(), unknown.as_slice()].concat();
    assert!(report.is_empty(), "{} on {}:\n{}", report.len(), real.title, report.join("\n"));
    tell(ours.asked, "the contract", &real.title);
    tell(ours.asked, &format!("the sandbox's likeness ({known} differences are known)"), &real.title);
    twin.close().await;
    real.close().await;
}

/// Writes the realms that the real server imports when it starts.
#[test]
#[ignore = "writes files for .ci/keycloak"]
fn realms_for_an_import() {
    let folder = environment::realm_folder();
    for realm in [crowd::realm()].into_iter().chain(keycloak::realms()) {
        for (file, body) in realm.files() {
            std::fs::write(folder.join(file), body.to_string()).expect("the folder can be written to");
        }
    }
}

/// Opens the small town of the demo.
async fn town(change: impl FnOnce(&mut Seed)) -> (Seed, Running) {
    let mut seed = story().expect("the story");
    change(&mut seed);
    let clock = Clock::starting_at("2026-11-23T08:00:00Z".parse().expect("a time"));
    let sandbox = Sandbox::new(seed.clone(), clock);
    (seed, serve(sandbox, IpAddr::V4(Ipv4Addr::LOCALHOST), 0).await.expect("ports are free"))
}

fn basic(access_key: &str, secret_key: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{access_key}:{secret_key}")))
}

#[tokio::test]
async fn the_sandbox_keeps_the_contract_of_rancher() {
    for version in ["v2.11.3", "v2.14.4", "v2.16.0"] {
        let (seed, running) = town(|seed| seed.rancher.version = version.to_owned()).await;
        let keys = Credentials::SANDBOX;
        let key = basic(keys.rancher_access_key, keys.rancher_secret_key);
        let title = format!("sandbox as Rancher {version}");
        let visit = Visit::to(running.rancher.as_str(), key);
        tell(rancher::ask(visit, &seed.rancher.clusters[0].id, &title).await, "the contract", &title);
        running.stop().await.expect("the sandbox stops");
    }
}

#[tokio::test]
async fn the_sandbox_keeps_the_contract_of_waldur() {
    for dialect in [Dialect::Y2024, Dialect::Y2026] {
        let (seed, running) = town(|seed| seed.waldur.dialect = dialect).await;
        let token = format!("Token {}", Credentials::SANDBOX.waldur_token);
        let title = format!("sandbox as Waldur {dialect:?}");
        let offering = seed.waldur.offerings[0].uuid.simple().to_string();
        let visit = Visit::to(running.waldur.as_str(), token);
        tell(waldur::ask(visit, &offering, &title).await, "the contract", &title);
        running.stop().await.expect("the sandbox stops");
    }
}

#[tokio::test]
#[ignore = "needs a real Rancher: see \"Real servers\" in CONTRIBUTING.md"]
async fn real_rancher_keeps_the_contract() {
    let [base, access_key, secret_key, cluster] = environment::rancher();
    let visit = Visit::to(&base, basic(&access_key, &secret_key));
    tell(rancher::ask(visit, &cluster, &base).await, "the contract", &base);
}

#[tokio::test]
#[ignore = "needs a real Waldur: see \"Real servers\" in CONTRIBUTING.md"]
async fn real_waldur_keeps_the_contract() {
    let [base, token, offering] = environment::waldur();
    let visit = Visit::to(&base, format!("Token {token}"));
    tell(waldur::ask(visit, &offering, &base).await, "the contract", &base);
}
