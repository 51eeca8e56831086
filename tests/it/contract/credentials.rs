//! What the agent makes of logins and rights: those that are enough, too few, in the wrong place, and those that end.

use agent::http::Grant;
use agent::model::marks::OURSELVES;

use super::life::{Life, REALM, as_a_client, as_a_user, client, client_at};
use super::server::Server;

/// Logs in as a user with nothing but `manage-users`, whose session ends between a look and what follows from it.
pub(super) async fn a_session_that_ends_in_mid_cycle(server: &Server) -> usize {
    let mut life = Life::of(server, as_a_user());
    let decision = life.town.look().await;
    assert!(!decision.plan.is_blind_somewhere(), "{}", decision.text());
    let user = server.ids(REALM)[agent::sandbox::Credentials::SANDBOX.keycloak_username].clone();
    server.log_out(REALM, &user).await;
    let applied = life.town.apply(&decision).await;
    assert!(applied.is_complete(), "{:?}", applied.outcomes);
    life.converge("after a second login").await;
    life.checks + 2
}

/// Works with tokens that live for a second, each of them renewed before it ends.
pub(super) async fn tokens_of_a_second(server: &Server) -> usize {
    let mut life = Life::of(server, as_a_client("hasty"));
    life.converge("with tokens of a second").await;
    life.checks
}

/// Looks without the right to manage, and with less. Nothing is made, nothing is removed, and the reason is told.
pub(super) async fn too_few_rights(server: &Server) -> usize {
    let mut life = Life::of(server, as_a_client("with-manage-users"));
    life.converge("with the right to manage").await;
    life.town.joins("jaan.tamm", "Galaxy survey");
    life.town.leaves("mei.tanaka", "Sea ice");
    let before = life.keycloak().await;
    for client in ["with-view-users", "with-query-groups", "with-none"] {
        life.log_in(as_a_client(client));
        let decision = life.town.look().await;
        let cycle = life.town.cycle().await;
        let words = format!("{}\n{:?}\n{:?}", decision.text(), cycle.troubles, cycle.applied.outcomes);
        assert!(words.contains("the account lacks a right"), "{client}: {words}");
        assert_eq!(life.keycloak().await, before, "{client}: nothing has changed");
        life.checks += 2;
    }
    life.log_in(as_a_client("with-manage-users"));
    life.converge("with the right to manage again").await;
    life.checks
}

/// Asks in places that are not there, or not for this account.
pub(super) async fn wrong_places(server: &Server) -> usize {
    let right = as_a_client("with-manage-users");
    let prefix = server.prefix();
    let wrong_base = match prefix.strip_prefix("/auth") {
        Some(rest) => format!("{}{rest}", server.root()),
        None => format!("{}/auth", server.base),
    };
    let bare = Grant::Password {
        client_id: "admin-cli".to_owned(),
        client_secret: None,
        username: "bare".to_owned(),
        password: "pw".into(),
    };
    let cases = [
        ("an account without names", client(server, REALM, REALM, bare), "a first and a last name"),
        ("a wrong realm", client(server, "nowhere", REALM, right.clone()), "is keycloak_realm right?"),
        (
            "a wrong realm to log in",
            client(server, REALM, "nowhere", right.clone()),
            "is keycloak_user_realm the realm",
        ),
        ("another realm's account", client(server, "master", REALM, right.clone()), "lacks a right"),
        ("a wrong secret", client(server, REALM, REALM, as_a_client("nobody")), "keycloak_client_secret"),
        ("the wrong prefix", client_at(&wrong_base, REALM, REALM, right), "with or without /auth"),
    ];
    let count = cases.len();
    for (case, client, hint) in cases {
        let error = client.groups_of_maker(OURSELVES).await.expect_err(case);
        assert!(error.why().contains(hint), "{case}: {}", error.why());
    }
    count
}
