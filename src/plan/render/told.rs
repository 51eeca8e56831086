//! Words for what Waldur is told of a resource.

use super::words::{Counted, escaped, shown};
use crate::plan::action::{
    Health, MembershipStatus, ProjectTarget, SetMembershipStatuses, SetMetadata, SetResourceState,
};

pub(super) fn state(set: &SetResourceState) -> String {
    match &set.to {
        Health::Ok => "tell Waldur that nothing is wrong with it any more".to_owned(),
        Health::Erred { message: _ } => "tell Waldur that something is wrong with it".to_owned(),
    }
}

/// Says what Waldur is told that is wrong.
pub(super) fn words(set: &SetResourceState) -> Vec<String> {
    match &set.to {
        Health::Ok => Vec::new(),
        Health::Erred { message } => vec![escaped(message)],
    }
}

/// Says which notes change.
pub(super) fn notes(set: &SetMetadata) -> Vec<String> {
    let new = match &set.project {
        ProjectTarget::Existing(_) => None,
        ProjectTarget::Planned(_) => Some("which project it is, and where Rancher shows it".to_owned()),
    };
    let line = |(key, (from, to)): (&String, &(Option<String>, Option<String>))| match (from, to) {
        (None, to) => format!("{}: {}", escaped(key), shown(to.as_deref().unwrap_or_default())),
        (Some(from), to) => {
            format!("{}: {} -> {}", escaped(key), shown(from), shown(to.as_deref().unwrap_or_default()))
        }
    };
    new.into_iter().chain(set.notes.iter().map(line)).collect()
}

pub(super) fn statuses(set: &SetMembershipStatuses) -> String {
    let grants = Counted(set.statuses.len(), "grant", "grants");
    format!("tell Waldur how far access is for {grants}")
}

/// Says how far each person is.
pub(super) fn each(set: &SetMembershipStatuses) -> Vec<String> {
    let line = |status: &MembershipStatus| {
        let MembershipStatus { user, role, state, message } = status;
        let why = if message.is_empty() { String::new() } else { format!(": {message}") };
        format!("{user} as {}: {}{why}", escaped(role), state.as_str())
    };
    set.statuses.iter().map(line).collect()
}
