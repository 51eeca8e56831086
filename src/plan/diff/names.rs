//! Names of groups: Rancher knows a group by its name alone, so one must not stand twice in a realm (rule 8).

use std::collections::BTreeSet;

use super::Draft;
use crate::model::marks;
use crate::model::reading::Complete;
use crate::model::{Evidence, GroupId, GroupName, RealmRef};
use crate::plan::note::{About, NoteKind, Question};

/// Returns evidence that a new group may have the name: no group has it, at any depth, and no other step takes it.
pub(super) fn free(
    draft: &mut Draft<'_>,
    about: &About,
    realm: &RealmRef,
    name: &GroupName,
) -> Option<Evidence> {
    let found = namesakes(draft, about, realm, name)?;
    let taken = !draft.names.insert((realm.clone(), name.clone()));
    if found.get().is_empty() && !taken {
        return Some(Evidence::of(found));
    }
    draft.note(
        about,
        NoteKind::Held,
        format!("a group of the name {name} is there and is not the one that is meant here"),
        "rename it, or put {cluster_id} or another part into the template of its name",
    );
    None
}

/// Returns whether the name means one group, so that it may be given a role; says why not.
pub(super) fn means_only(
    draft: &mut Draft<'_>,
    about: &About,
    realm: &RealmRef,
    (id, name): (&GroupId, &GroupName),
) -> bool {
    if !marks::is_safe_name(name.as_str()) {
        let what = format!("the group was renamed to {name}, which is no safe name: it gets no role");
        draft.note(about, NoteKind::Held, what, "give it a name of letters, digits, \"_\", \".\" and \"-\"");
        return false;
    }
    let Some(found) = namesakes(draft, about, realm, name) else { return false };
    let others: Vec<&str> = found.get().iter().filter(|other| *other != id).map(GroupId::as_str).collect();
    if others.is_empty() {
        return true;
    }
    let what = format!(
        "another group of the name {name} is there ({}): its members would get in too",
        others.join(", ")
    );
    draft.note(about, NoteKind::Held, what, "rename the other one");
    false
}

/// Asks which groups have the name, unless that was asked.
pub(super) fn ask(draft: &mut Draft<'_>, realm: &RealmRef, name: &GroupName) {
    let asked = draft.world.realms.get(realm).is_some_and(|realm| realm.namesakes.contains_key(name));
    if !asked {
        draft.questions.insert(Question::Namesakes { realm: realm.clone(), name: name.clone() });
    }
}

/// Returns all groups of the name, if that was asked and answered; asks, and says what waits for the answer.
fn namesakes<'w>(
    draft: &mut Draft<'w>,
    about: &About,
    realm: &RealmRef,
    name: &GroupName,
) -> Option<Complete<'w, BTreeSet<GroupId>>> {
    let Some(reading) = draft.world.realms.get(realm)?.namesakes.get(name) else {
        ask(draft, realm, name);
        let what = format!("whether a group {name} is there already was not asked");
        draft.note(about, NoteKind::Held, what, "plan against the live systems");
        return None;
    };
    if let Some(why) = reading.gap() {
        let what = format!("whether a group {name} is there already could not be read: {why}");
        draft.note(about, NoteKind::Unreadable, what, "");
    }
    reading.complete()
}
