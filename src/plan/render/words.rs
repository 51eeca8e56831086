//! Words: one sentence for each action, and outside text made harmless.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use smol_str::SmolStr;

use super::{orders, quota, told};
use crate::model::world::Account;
use crate::model::{GroupName, RealmRef};
use crate::plan::action::{Action, Grantee, Holder, Login, ProjectTarget, UpdateProject};
use crate::plan::{Effect, Hold};

/// A count with its noun: "1 member", "2 members".
#[derive(Debug, Clone, Copy)]
pub struct Counted(pub usize, pub &'static str, pub &'static str);

impl fmt::Display for Counted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, one, many) = self;
        write!(out, "{count} {}", if *count == 1 { one } else { many })
    }
}

/// The longest outside text that is shown whole.
const LONGEST: usize = 120;

/// Returns a text from outside so that no terminal obeys it and nothing in it can pass for something else: control
/// characters, marks that turn the direction of writing and invisible ones are shown by their code.
pub fn escaped(text: &str) -> String {
    shortened(text, LONGEST)
}

/// Returns a text as [`escaped`] does, but so much longer that all of what we say ourselves is shown.
pub(super) fn escaped_message(text: &str) -> String {
    shortened(text, 10 * LONGEST)
}

fn shortened(text: &str, longest: usize) -> String {
    let mut safe = String::with_capacity(text.len());
    for (count, character) in text.chars().enumerate() {
        if count == longest {
            safe.push('…');
            break;
        }
        push_harmless(&mut safe, character);
    }
    safe
}

/// Returns a sentence that quotes names safe to show, however long it is. What is safe already stays as it is.
pub fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        push_harmless(&mut safe, character);
    }
    safe
}

fn push_harmless(safe: &mut String, character: char) {
    if is_treacherous(character) {
        // Writing to a string cannot fail.
        let _ = write!(safe, "\\u{{{:x}}}", u32::from(character));
    } else {
        safe.push(character);
    }
}

fn is_treacherous(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns the sign that stands before an action.
pub const fn symbol(effect: Effect) -> &'static str {
    match effect {
        Effect::Adds => "+",
        Effect::Adopts => "<=",
        Effect::Changes => "~",
        Effect::Takes => "-",
    }
}

/// Returns the name under which a page or a drawing knows what an action does.
pub(super) const fn class(effect: Effect) -> &'static str {
    match effect {
        Effect::Adds => "adds",
        Effect::Adopts => "adopts",
        Effect::Changes => "changes",
        Effect::Takes => "takes",
    }
}

/// Returns what an action does, in one sentence without a full stop.
pub fn sentence(action: &Action) -> String {
    match action {
        Action::TakeOrder(take) => orders::take(take),
        Action::CompleteOrder(complete) => orders::complete(complete),
        Action::FailOrder(fail) => orders::fail(fail),
        Action::DeleteProject(delete) => orders::delete_project(delete),
        Action::SetMetadata(_) => "tell Waldur what serves it".to_owned(),
        Action::SetMembershipStatuses(set) => told::statuses(set),
        Action::SetResourceState(set) => told::state(set),
        Action::RefreshLastSync(_) => "tell Waldur that it was looked at".to_owned(),
        Action::CreateProject(create) => {
            format!(
                "create project {} in {}",
                escaped(&create.name),
                escaped(create.cluster.cluster.as_str())
            )
        }
        Action::AdoptProject(adopt) => {
            format!("adopt project {} ({})", escaped(&adopt.name), escaped(adopt.project.as_str()))
        }
        Action::ShareGroup(share) => group("share", &share.name, &share.realm),
        Action::AdoptGroup(adopt) => group("adopt", &adopt.name, &adopt.realm),
        Action::AdoptBinding(adopt) => {
            format!(
                "adopt the binding of {} as {} to {}",
                escaped(adopt.principal.as_str()),
                escaped(adopt.role.as_str()),
                escaped(adopt.project.as_str())
            )
        }
        Action::UpdateProject(update) => format!("update project {}", escaped(update.project.as_str())),
        Action::SetQuota(set) => quota::project_sentence(set),
        Action::SetContainerDefaults(set) => {
            format!("set what containers of project {} have by default", escaped(set.project.as_str()))
        }
        Action::CreateNamespace(create) => quota::namespace_sentence(create),
        Action::SetNamespaceQuota(set) => format!("set the quota of namespace {}", set.namespace),
        Action::SetResourceQuota(set) => {
            let verb = if set.from.is_some() { "correct the quota in" } else { "put a quota into" };
            format!("{verb} namespace {}", set.namespace.name())
        }
        Action::RecordBackendId(record) => match &record.project {
            ProjectTarget::Existing(id) => {
                format!("tell Waldur that its project is {}", escaped(id.as_str()))
            }
            ProjectTarget::Planned(_) => "tell Waldur the id of the new project".to_owned(),
        },
        Action::CreateParent(create) => group("create", &create.name, &create.key.realm),
        Action::CreateGroup(create) => group("create", &create.name, &create.key.realm),
        Action::Bind(bind) => {
            let project = match &bind.project {
                ProjectTarget::Existing(id) => escaped(id.as_str()),
                ProjectTarget::Planned(_) => "the new project".to_owned(),
            };
            let who = match &bind.who {
                Grantee::Group { group: _, principal } => escaped(principal.as_str()),
                Grantee::Person(login) => self::login(login),
            };
            format!("bind {who} as {} to {project}", escaped(bind.role.as_str()))
        }
        Action::AddMember(add) => {
            format!("add {} to {}", person(&add.account), escaped(add.group_name.as_str()))
        }
        Action::ClearEmpty(clear) => {
            format!("note that {} is in use again", escaped(clear.group_name.as_str()))
        }
        Action::RemoveMember(remove) => {
            format!(
                "remove {} from {}",
                escaped(remove.username.as_str()),
                escaped(remove.group_name.as_str())
            )
        }
        Action::Unbind(unbind) => {
            let who = match &unbind.who {
                Holder::Group { principal } => escaped(principal.as_str()),
                Holder::Person(login) => self::login(login),
            };
            format!(
                "unbind {who} as {} from {}",
                escaped(unbind.role.as_str()),
                escaped(unbind.project.as_str())
            )
        }
        Action::MarkEmpty(mark) => {
            format!("note that the team of {} is empty", escaped(mark.group_name.as_str()))
        }
        Action::DeleteGroup(delete) => format!("delete group {}", escaped(delete.name.as_str())),
        Action::DeleteParent(delete) => format!("delete group {}", escaped(delete.name.as_str())),
    }
}

fn group(verb: &str, name: &GroupName, realm: &RealmRef) -> String {
    format!("{verb} group {} in realm {}", escaped(name.as_str()), escaped(realm.realm.as_str()))
}

fn person(account: &Account) -> String {
    let name = escaped(account.username.as_str());
    if account.disabled { format!("{name} (disabled in Keycloak)") } else { name }
}

fn login(login: &Login) -> String {
    let Login { user, username, disabled } = login;
    let off = if *disabled { ", disabled in Rancher" } else { "" };
    let (user, username) = (escaped(user.as_str()), escaped(username));
    if user == username { format!("user {user}{off}") } else { format!("{username} (user {user}{off})") }
}

/// Returns what an action changes in detail, a line each.
pub(super) fn details(action: &Action) -> Vec<String> {
    match action {
        Action::CreateProject(create) => {
            let mut lines = vec![format!("description: {}", escaped(&create.description))];
            lines.extend(create.quota.as_ref().map(quota::quota_line));
            lines.extend(quota::defaults_line(&create.container_defaults));
            lines
        }
        Action::UpdateProject(UpdateProject { cluster: _, project: _, description, annotations }) => {
            let mut lines = Vec::new();
            if let Some((from, to)) = description {
                lines.push(format!("description: {} -> {}", shown(from), shown(to)));
            }
            lines.extend(annotation_changes(annotations));
            lines
        }
        Action::FailOrder(fail) => vec![format!("its customer is told: {}", escaped_message(&fail.message))],
        Action::DeleteProject(delete) => orders::contents(&delete.contents),
        Action::SetMetadata(set) => told::notes(set),
        Action::SetMembershipStatuses(set) => told::each(set),
        Action::SetResourceState(set) => told::words(set),
        Action::AdoptProject(adopt) => annotation_changes(&adopt.annotations),
        Action::SetQuota(set) => quota::project_change(set),
        Action::SetContainerDefaults(set) => quota::change(&set.from, &set.to),
        Action::CreateNamespace(create) => quota::labels_line(&create.labels),
        Action::SetNamespaceQuota(set) => quota::change(&set.from, &set.to),
        Action::SetResourceQuota(set) => quota::own_change(set),
        Action::TakeOrder(_)
        | Action::CompleteOrder(_)
        | Action::RefreshLastSync(_)
        | Action::CreateParent(_)
        | Action::CreateGroup(_)
        | Action::AdoptGroup(_)
        | Action::ShareGroup(_)
        | Action::AdoptBinding(_)
        | Action::RecordBackendId(_)
        | Action::Bind(_)
        | Action::AddMember(_)
        | Action::ClearEmpty(_)
        | Action::RemoveMember(_)
        | Action::Unbind(_)
        | Action::MarkEmpty(_)
        | Action::DeleteGroup(_)
        | Action::DeleteParent(_) => Vec::new(),
    }
}

fn annotation_changes(annotations: &BTreeMap<SmolStr, (Option<SmolStr>, SmolStr)>) -> Vec<String> {
    let line = |(key, (from, to)): (&SmolStr, &(Option<SmolStr>, SmolStr))| match from {
        Some(from) => format!("{}: {} -> {}", escaped(key), shown(from), shown(to)),
        None => format!("{}: {}", escaped(key), shown(to)),
    };
    annotations.iter().map(line).collect()
}

pub(super) fn shown(text: &str) -> String {
    if text.is_empty() { "(none)".to_owned() } else { format!("\"{}\"", escaped(text)) }
}

/// Returns whether a person can release the hold by its fingerprint.
pub(super) const fn is_releasable(hold: &Hold) -> bool {
    match hold {
        Hold::OverBudget { .. }
        | Hold::TooManyOfGroup { .. }
        | Hold::TooManyProjects { .. }
        | Hold::ToBeApproved => true,
        Hold::Missing { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_cannot_steer_a_terminal() {
        assert_eq!(escaped("a\u{1b}[31mb\n"), "a\\u{1b}[31mb\\u{a}");
        assert_eq!(escaped("user\u{202e}nimda"), "user\\u{202e}nimda");
        assert_eq!(escaped("Ünïcödé <b>"), "Ünïcödé <b>");
        assert_eq!(escaped(&"x".repeat(500)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(Counted(1, "member", "members").to_string(), "1 member");
        assert_eq!(Counted(0, "member", "members").to_string(), "0 members");
    }
}
