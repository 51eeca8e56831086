//! Teammates whom Keycloak does not know, or not for certain: who is waiting, and for what (rule 6).

use super::members::{Crowd, Unknown};
use super::{Draft, Site};
use crate::model::UserUuid;
use crate::plan::note::{About, NoteKind};

/// Says who is waiting, and for what.
pub(super) fn note(draft: &mut Draft<'_>, site: Site<'_>, about: &About, crowd: &Crowd<'_>) {
    for unknown in &crowd.unknown {
        match unknown {
            Unknown::NoUsername(user) => note_nameless(draft, site, about, *user),
            Unknown::NotInKeycloak(username) => draft.note(
                about,
                NoteKind::Waiting,
                format!("{username} is in the team and unknown to Keycloak"),
                "access follows once an account of that id or name exists, usually at the first login",
            ),
            Unknown::Shared(username) => draft.note(
                about,
                NoteKind::Held,
                format!(
                    "{username} is the name of somebody in the team and of somebody who is not: nobody is put in"
                ),
                "the account may belong to either; have Waldur call them differently",
            ),
            Unknown::NotLookedUp(username, None) => {
                draft.note(about, NoteKind::Waiting, format!("{username} was not looked up in Keycloak"), "");
            }
            Unknown::NotLookedUp(username, Some(why)) => {
                let what = format!("{username} could not be looked up in Keycloak: {why}");
                draft.note(about, NoteKind::Unreadable, what, "");
            }
        }
    }
    if crowd.found_otherwise > 0 {
        let count = crowd.found_otherwise;
        let were = if count == 1 { "was" } else { "were" };
        draft.note(
            about,
            NoteKind::Unmanaged,
            format!("{count} of the team {were} found the other way than configured"),
            "turn keycloak_use_user_id round to save a request for each",
        );
    }
}

/// Says that the offering has no name for a teammate yet.
pub(super) fn note_nameless(draft: &mut Draft<'_>, site: Site<'_>, about: &About, user: UserUuid) {
    draft.note(
        about,
        NoteKind::Waiting,
        format!("{} is in the team and has no username at the offering yet", account(site, user)),
        "look at the offering's username policy if this does not settle by itself",
    );
}

/// Returns what Waldur calls somebody, for those who read plans.
pub(super) fn account(site: Site<'_>, user: UserUuid) -> String {
    let person = site.offering.people.known().and_then(|people| people.get(&user));
    person
        .map(|person| person.account.clone())
        .filter(|it| !it.is_empty())
        .unwrap_or_else(|| user.to_string())
}
