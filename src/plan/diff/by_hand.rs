//! Access that others gave to our projects by hand: told, never touched.

use super::bindings::is_ours_for;
use super::groups::GroupState;
use super::projects::Served;
use super::{Draft, Site, adopt};
use crate::model::marks;
use crate::model::world::{Binding, Subject};
use crate::model::{BindingId, Principal};
use crate::plan::note::NoteKind;

/// Says once a project what access others gave to it, beside its team's group.
pub(super) fn note<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    served: &Served<'_>,
    on_project: &[(&BindingId, &Binding)],
    states: &[GroupState],
) {
    // An unmarked binding that gives what ours would is nobody's doing by hand.
    let is_expected = |binding: &Binding| {
        states.iter().any(|state| {
            let role = state.role().unwrap_or(&site.policy.role);
            state
                .principal()
                .is_some_and(|principal| is_ours_for(binding, principal, served.role_as(site, role)))
        })
    };
    note_but(draft, site, served, on_project, is_expected);
}

/// Returns whether Rancher itself made a binding for whoever created the project.
pub(super) fn is_creators(binding: &Binding) -> bool {
    binding.name.as_str().starts_with("creator-")
}

/// Says once a project what access others gave to it, but for what is `expected` to be there.
pub(super) fn note_but<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    served: &Served<'_>,
    on_project: &[(&BindingId, &Binding)],
    expected: impl Fn(&Binding) -> bool,
) {
    let by_hand = on_project.iter().filter(|(_, binding)| {
        !is_creators(binding) && !expected(binding) && marks::mark(&binding.annotations).is_none()
    });
    let (mut people, mut groups) = (0_usize, 0_usize);
    for (_, binding) in by_hand {
        match &binding.subject {
            Subject::User(_) => people += 1,
            Subject::Group(principal) if note_left(draft, site, served, binding, principal) => {}
            Subject::Group(_) | Subject::Other => groups += 1,
        }
    }
    if people + groups == 0 {
        return;
    }
    let count = |n: usize, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let parts: Vec<String> =
        [count(people, "person", "people"), count(groups, "group", "groups")].into_iter().flatten().collect();
    let verb = if people + groups == 1 { "has" } else { "have" };
    let what = format!("{} {verb} access by hand", parts.join(" and "));
    draft.note(&served.about, NoteKind::Unmanaged, what, "");
}

/// Says that a group which the Python agent made is still bound, as those of older slugs are. Returns whether it is one.
fn note_left<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    served: &Served<'_>,
    binding: &Binding,
    principal: &Principal,
) -> bool {
    let Some((_, group)) = adopt::group_called(draft, site, principal) else { return false };
    let what = format!(
        "the Python agent's group {} is still bound as {}: whoever is in it has access",
        group.name, binding.role
    );
    let hint = format!(
        "an older slug leaves such a group behind: remove the binding {} and the group by hand if nobody needs it",
        binding.name
    );
    draft.note(&served.about, NoteKind::Unmanaged, what, &hint);
    true
}
