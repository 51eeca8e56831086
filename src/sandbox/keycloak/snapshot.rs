//! Everything that is so, for the control address and for tests; no passwords, secrets or tokens.

use serde_json::{Map, Value, json};

use super::people::User;
use super::realms::Realm;
use super::state::State;
use super::tree::Group;

impl State {
    /// Returns everything, sorted: realms by name, users by username, groups by path.
    pub fn snapshot(&self) -> Value {
        let now = self.clock.now();
        let realms = self.realms.iter().map(|(name, realm)| {
            let mut view = realm_view(realm);
            view["sessions"] = json!(self.tokens.live_sessions(name, now));
            (name.clone(), view)
        });
        json!({
            "version": self.version.to_string(),
            "relative_path": self.relative_path,
            "seed_defects": self.defects(),
            "realms": realms.collect::<Map<_, _>>(),
        })
    }
}

fn realm_view(realm: &Realm) -> Value {
    let clients = realm.clients.values().map(|client| {
        let view = json!({
            "enabled": client.enabled,
            "public": client.secret.is_none(),
            "service_account": client.service_account,
        });
        (client.client_id.clone(), view)
    });
    let users = realm.people.by_name().map(|user| (user.username.to_string(), user_view(realm, user)));
    let mut groups: Vec<(String, &Group)> =
        realm.tree.by_name().map(|group| (realm.tree.path(group), group)).collect();
    groups.sort_by(|one, other| (&one.0, &one.1.id).cmp(&(&other.0, &other.1.id)));
    json!({
        "enabled": realm.enabled,
        "clients": clients.collect::<Map<_, _>>(),
        "users": users.collect::<Map<_, _>>(),
        "groups": groups.into_iter().map(|(path, group)| group_view(&path, group)).collect::<Vec<_>>(),
        "default_groups": realm.default_groups,
        "logins": {
            "password": realm.logins.password,
            "client_credentials": realm.logins.client_credentials,
            "refresh": realm.logins.refresh,
            "refused": realm.logins.refused,
        },
    })
}

fn user_view(realm: &Realm, user: &User) -> Value {
    let mut groups: Vec<String> =
        user.groups.iter().filter_map(|id| Some(realm.tree.path(realm.tree.get(id)?))).collect();
    groups.sort_unstable();
    json!({
        "id": user.id,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "enabled": user.enabled,
        "service_account": user.service_account,
        "roles": user.roles,
        "attributes": user.attributes,
        "required_actions": user.required_actions,
        "groups": groups,
    })
}

fn group_view(path: &str, group: &Group) -> Value {
    json!({
        "path": path,
        "id": group.id,
        "name": group.name,
        "parent_id": group.parent,
        "description": group.description,
        "attributes": group.attributes,
        "members": group.members.iter().map(AsRef::as_ref).collect::<Vec<&str>>(),
    })
}
