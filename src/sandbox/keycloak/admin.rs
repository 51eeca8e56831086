//! The admin API of a realm: token, then realm, then the room that the path names.

use jiff::Timestamp;
use serde_json::json;

use super::call::Call;
use super::mint::Mint;
use super::realms::Realm;
use super::reply::{Answer, Refusal, Reply};
use super::rights::{self, Rights, require};
use super::state::State;
use super::version::Version;
use super::{by_path, group_listing, group_routes, group_view, membership, user_routes};

/// One call to the admin API, by somebody known, in a realm that exists.
#[derive(Debug)]
pub(super) struct AdminCall<'a> {
    pub(super) call: &'a Call,
    pub(super) rights: Rights,
    pub(super) version: Version,
    pub(super) now: Timestamp,
    /// The address of the realm's admin API, for `Location`.
    pub(super) url: String,
    pub(super) realm: &'a mut Realm,
    pub(super) mint: &'a mut Mint,
}

/// Answers `/admin/realms/{realm}/...`.
pub(super) fn answer(state: &mut State, call: &Call, name: &str, rest: &[&str]) -> Answer {
    let holder = rights::authenticate(state, call)?;
    let realm = state.realms.get(name).ok_or_else(|| Refusal::exception(404, "Realm not found."))?;
    let rights = rights::rights(state, &holder, realm)?;
    let url = format!("{}/admin/realms/{name}", state.base_url(&call.host));
    let (version, now) = (state.version, state.clock.now());
    let realm = state.realms.get_mut(name).ok_or_else(|| Refusal::exception(404, "Realm not found."))?;
    let mut admin = AdminCall { call, rights, version, now, url, realm, mint: &mut state.mint };
    admin.route(rest)
}

impl AdminCall<'_> {
    fn route(&mut self, rest: &[&str]) -> Answer {
        match (self.call.method.as_str(), rest) {
            ("GET", []) => self.view_realm(),
            ("GET", ["groups"]) => group_listing::list(self),
            ("POST", ["groups"]) => group_routes::create(self),
            ("GET", ["groups", "count"]) => group_listing::count(self),
            ("GET", ["group-by-path", path @ ..]) => by_path::get(self, path),
            ("GET", ["default-groups"]) => self.default_groups(),
            ("GET", ["users"]) => user_routes::list(self),
            ("GET", ["users", "count"]) => user_routes::count(self),
            (_, ["groups", id, tail @ ..]) => group_routes::one(self, id, tail),
            (_, ["users", id, tail @ ..]) => membership::one(self, id, tail),
            (_, [] | ["groups" | "users"]) => Err(Refusal::wrong_verb()),
            _ => Err(Refusal::no_such_call()),
        }
    }

    /// Whoever has some admin role learns the realm's name; the rest is for those who may view the realm.
    fn view_realm(&self) -> Answer {
        require(self.rights.any())?;
        let realm = &self.realm;
        if !self.rights.view_realm() {
            return Reply::admin(&json!({"realm": realm.name}));
        }
        Reply::admin(&json!({
            "id": realm.id,
            "realm": realm.name,
            "enabled": realm.enabled,
            "accessTokenLifespan": realm.access_token_lifespan,
            "bruteForceProtected": realm.brute_force_protected,
            "duplicateEmailsAllowed": false,
            "editUsernameAllowed": false,
            "loginWithEmailAllowed": true,
            "registrationEmailAsUsername": false,
            "sslRequired": "external",
        }))
    }

    fn default_groups(&self) -> Answer {
        require(self.rights.view_realm())?;
        let (tree, nested) = (&self.realm.tree, !self.version.lists_children());
        let groups = self.realm.default_groups.iter().filter_map(|id| tree.get(id));
        Reply::admin(&groups.map(|group| group_view::of_user(tree, group, false, nested)).collect::<Vec<_>>())
    }
}
