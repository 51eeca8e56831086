//! What there is on one project: whom we bound to it, and how they stand to the team.

use std::collections::BTreeSet;

use super::{Direct, logins};
use crate::model::desired;
use crate::model::logins;
use crate::model::marks::{self, Mark};
use crate::model::world::{Binding, Subject};
use crate::model::{BindingId, Principal, RancherUserId, RoleTemplateId, Username};
use crate::plan::action::{Login, ProjectTarget};
use crate::plan::diff::bindings::{self, Bindings};
use crate::plan::diff::projects::{Adoption, Served};
use crate::plan::diff::{Draft, Site, by_hand, members};
use crate::plan::note::NoteKind;

/// One project while it is compared.
pub(super) struct Sight<'a, 'w> {
    pub(super) served: &'a Served<'w>,
    pub(super) project: &'a ProjectTarget,
    pub(super) on_project: Bindings<'w>,
    /// Whether the resource's members may use it.
    pub(super) is_open: bool,
    /// People whom we bound.
    pub(super) people: Vec<Bound<'w>>,
    /// Groups that we bound.
    pub(super) groups: Vec<(&'w BindingId, &'w Binding, &'w Principal)>,
    /// The role that everybody in the team should have.
    pub(super) role: &'a RoleTemplateId,
    /// Teammates who do not have it.
    pub(super) joins: Vec<(&'w RancherUserId, Username)>,
    /// Whoever has it, through whatever binding of their own.
    has_role: BTreeSet<&'w RancherUserId>,
}

/// A binding of ours that names one person.
pub(super) struct Bound<'w> {
    pub(super) id: &'w BindingId,
    pub(super) binding: &'w Binding,
    pub(super) login: Login,
    pub(super) standing: Standing<'w>,
}

/// How a person whom we bound stands to the team (rule 6).
#[derive(Debug)]
pub(super) enum Standing<'w> {
    /// In it.
    Mate(&'w RancherUserId, Username),
    /// Known to the offering, and not in it.
    Leaver,
    /// Known to no offering user.
    Stray,
    /// Whoever they are, Rancher's list of users did not say.
    Unlisted,
    /// The agent's own key is theirs.
    Own,
}

impl<'a, 'w> Sight<'a, 'w> {
    /// Looks at the project of one resource, if it has one.
    pub(super) fn of(draft: &mut Draft<'w>, one: &Direct<'_, 'w>, served: &'a Served<'w>) -> Option<Self> {
        let project = served.target.as_ref()?;
        let site = one.place.site;
        // A plan that adopts does nothing else.
        if !matches!(served.adoption, Adoption::Ours { .. }) {
            return None;
        }
        let on_project = bindings::on_project(draft, site, project);
        let mut sight = Self {
            served,
            project,
            is_open: desired::is_open(site.policy, served.resource.access),
            people: Vec::new(),
            groups: Vec::new(),
            role: served.role_as(site, &site.policy.role),
            joins: Vec::new(),
            has_role: BTreeSet::new(),
            on_project,
        };
        for (id, binding) in on_project.iter().copied() {
            let ours = is_ours(site, served, binding);
            match &binding.subject {
                Subject::User(subject) => {
                    let named = logins(draft, one.place).and_then(|logins| logins.named(subject));
                    if binding.role == *sight.role {
                        sight.has_role.extend(named.map(|(user, _)| user));
                    }
                    if ours {
                        let bound = one.bound(draft, (id, binding), subject);
                        sight.people.extend(bound);
                    }
                }
                Subject::Group(principal) if ours => sight.groups.push((id, binding, principal)),
                Subject::Group(_) | Subject::Other => {}
            }
        }
        let missing = one.met.mates.iter().filter(|(user, _)| !sight.has_role.contains(*user));
        sight.joins = missing.map(|(user, username)| (*user, username.clone())).collect();
        Some(sight)
    }

    /// Returns how many bindings of people would go if nothing kept them.
    pub(super) fn leaving(&self) -> usize {
        let goes = |bound: &&Bound<'_>| match &bound.standing {
            Standing::Leaver | Standing::Stray => true,
            Standing::Mate(..) => self.is_other_role(bound),
            Standing::Unlisted | Standing::Own => false,
        };
        self.people.iter().filter(goes).count()
    }

    /// Returns whether a binding gives another role than the configured one.
    pub(super) fn is_other_role(&self, bound: &Bound<'_>) -> bool {
        bound.binding.role != *self.role
    }

    /// Says whose bindings stay because Rancher does not show them.
    pub(super) fn note_unlisted(&self, draft: &mut Draft<'_>) {
        let unlisted = self.people.iter().filter(|bound| matches!(bound.standing, Standing::Unlisted));
        let names: Vec<&str> = unlisted.map(|bound| bound.login.user.as_str()).collect();
        if !names.is_empty() {
            let what =
                format!("the bindings of {} stay: Rancher does not show who that is", names.join(", "));
            draft.note(&self.served.about, NoteKind::Unreadable, what, "");
        }
    }

    /// Returns whether an unmarked binding gives a teammate what ours would: nobody did that by hand.
    pub(super) fn is_due(&self, binding: &Binding) -> bool {
        let Subject::User(subject) = &binding.subject else { return false };
        binding.role == *self.role && self.has_role.iter().any(|user| user.as_str() == subject)
    }
}

/// Returns whether a binding is ours for the resource. The one that Rancher makes for whoever created the project is not,
/// whatever it carries.
pub(super) fn is_ours(site: Site<'_>, served: &Served<'_>, binding: &Binding) -> bool {
    let mark = Mark { offering: site.uuid, resource: served.uuid };
    marks::mark(&binding.annotations) == Some(mark) && !by_hand::is_creators(binding)
}

impl<'w> Direct<'_, 'w> {
    /// Finds out whom a binding of ours names.
    fn bound(
        &self,
        draft: &mut Draft<'w>,
        (id, binding): (&'w BindingId, &'w Binding),
        subject: &str,
    ) -> Option<Bound<'w>> {
        let site = self.place.site;
        let named = logins(draft, self.place).and_then(|logins| logins.named(subject));
        let names: Vec<String> = match named {
            Some((user, what)) => logins::names(user, what).into_iter().collect(),
            None => logins::subject_names(subject).collect(),
        };
        let user = named.map_or_else(|| subject.parse().ok(), |(user, _)| Some(user.clone()))?;
        let mate = named.and_then(|(user, _)| self.met.mates.get_key_value(user));
        let is_complete = self.place.users().is_some_and(|users| users.complete().is_some());
        let standing = match (named, mate) {
            (Some((_, what)), _) if what.own => Standing::Own,
            (_, Some((user, username))) => Standing::Mate(user, username.clone()),
            (None, None) if !is_complete => Standing::Unlisted,
            (_, None) if members::has_left(draft, site, &self.team, &names) => Standing::Leaver,
            (_, None) => Standing::Stray,
        };
        let login_name = named.and_then(|(_, what)| what.username.as_ref());
        let username = mate.map(|(_, username)| username).or(login_name);
        let username = username.map_or_else(|| user.to_string(), ToString::to_string);
        let login = Login { user, username, disabled: named.is_some_and(|(_, what)| what.disabled) };
        Some(Bound { id, binding, login, standing })
    }
}
