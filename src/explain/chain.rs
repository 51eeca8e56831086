//! What one person's access to one resource takes, link by link: the resource, the team, and who the person is.

use std::collections::{BTreeMap, BTreeSet};

use super::account::{self, Account, Login};
use super::ground::{Ground, Site, quoted};
use super::{Link, LinkKind, Status, ways};
use crate::model::desired::{self, Basis, Mate, Roles, Team};
use crate::model::policy::KeycloakPolicy;
use crate::model::role::{self, GroupRole};
use crate::model::world::{MemberAccess, OrderKind, Resource, ResourceState, UserState};
use crate::model::{GroupId, Reading, ResourceUuid, UserUuid, Username};
use crate::plan::Action;
use crate::plan::render::escaped;

/// One person and one resource while they are looked at.
pub(super) struct Walk<'g, 'a> {
    pub(super) ground: &'g Ground<'a>,
    pub(super) site: Site<'g>,
    pub(super) uuid: ResourceUuid,
    pub(super) resource: &'g Resource,
    pub(super) user: UserUuid,
    pub(super) team: Team<'g>,
}

impl Link {
    pub(super) fn new(link: LinkKind, status: Status, what: impl Into<String>) -> Self {
        Self { link, status, what: what.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl<'g, 'a> Walk<'g, 'a> {
    pub(super) fn new(
        ground: &'g Ground<'a>,
        site: Site<'g>,
        (uuid, resource): (ResourceUuid, &'g Resource),
        user: UserUuid,
    ) -> Self {
        Self { ground, site, uuid, resource, user, team: site.team(resource.project.uuid) }
    }

    /// Returns the links in order. What cannot be said because of a link before is open.
    pub(super) fn links(&self) -> Vec<Link> {
        let mut links = vec![
            resource(self.ground, self.site, (self.uuid, self.resource)),
            self.team_link(),
            self.open_link(),
        ];
        let mate = self.team.people.get(self.user);
        links.extend(mate.and_then(|mate| self.role_link(mate)));
        let name = self.name(mate);
        let roles = mate.map_or_else(Vec::new, |mate| self.group_roles(mate));
        let gap = if name.is_none() { self.name_gap() } else { None };
        if let Some(gap) = gap {
            let what = format!("what the offering calls them could not be read: {}", escaped(&gap));
            links.push(Link::new(LinkKind::Name, Status::Unread, what));
        } else if mate.is_some() {
            links.push(self.name_link(name.as_ref()));
        }
        let Some(name) = name else { return links };
        if let Some(keycloak) = &self.site.policy.keycloak {
            let (link, account) = self.account_link(keycloak, &name);
            links.push(link);
            links.extend(ways::through_groups(self, keycloak, &account, &roles));
        } else {
            let (link, login) = self.login_link(&name);
            links.push(link);
            links.extend(ways::directly(self, &login));
        }
        links
    }

    /// Returns what Keycloak should call the person.
    pub(super) fn name(&self, mate: Option<&Mate>) -> Option<Username> {
        match mate {
            Some(mate) => mate.name.clone(),
            None => account::name(self.site, self.user),
        }
    }

    /// Returns why a name that was not found may be there all the same, or nothing if there is none.
    fn name_gap(&self) -> Option<String> {
        let offering = self.site.offering;
        if offering.people.known().is_some_and(|people| people.contains_key(&self.user)) {
            return None;
        }
        let team = offering.teams.get(&self.resource.project.uuid).and_then(Reading::gap);
        let unread = || matches!(self.team.basis, Basis::Unknown).then(|| offering.grants.gap()).flatten();
        offering.people.gap().or(team).or_else(unread)
    }

    /// Returns what the resource's project is called in Waldur.
    fn project_name(&self) -> String {
        quoted(&self.resource.project.name)
    }

    /// Whether the person is in the team (rule 10).
    fn team_link(&self) -> Link {
        let project = self.project_name();
        let link = |status, what: String| Link::new(LinkKind::Team, status, what);
        let asked = self.site.offering.teams.get(&self.resource.project.uuid);
        if let Basis::Unknown = self.team.basis {
            let why = escaped(&self.site.team_gap(self.resource.project.uuid));
            return link(Status::Unread, format!("who is in the team of {project} could not be read: {why}"));
        }
        if self.team.people.has(self.user) {
            return link(Status::Holds, self.membership());
        }
        let grants = self.site.offering.grants.known();
        let grants = grants.and_then(|grants| grants.get(&self.resource.project.uuid));
        let own = grants.into_iter().flatten().filter(|grant| grant.user == self.user);
        let ends: Vec<_> = own.map(|grant| grant.expires).collect();
        let now = self.ground.world.taken_at;
        let shown = asked.and_then(Reading::known).and_then(|team| team.get(&self.user));
        let end = ends.iter().copied().chain(shown.map(|mate| mate.expires)).flatten().max();
        if ends.iter().any(|end| end.is_none_or(|end| end > now)) {
            let (what, hint) = match self.consent() {
                Some(false) => (
                    "they have not agreed to the offering's terms, so Waldur leaves them out of the team",
                    "they agree to them in Waldur, at the offering",
                ),
                _ => (
                    "Waldur's list of roles has them and its team of the resource leaves them out",
                    "they may have to agree to the offering's terms in Waldur, or their role went a moment ago",
                ),
            };
            return link(Status::Broken, what.to_owned()).hint(hint);
        }
        if let Some(end) = end {
            let what = format!("their membership of {project} expired on {end}");
            return link(Status::Broken, what).hint("prolong their role in the Waldur project");
        }
        let who = match self.team.basis {
            Basis::Confirmed(_) => "as Waldur's team of the resource says",
            Basis::Hint | Basis::Unknown => "as the provider's list of roles says",
        };
        link(Status::Broken, format!("they are not in the team of {project}, {who}"))
            .hint(format!("give them a role in the Waldur project {project}"))
    }

    /// Returns as what the person is in the team, until when, and who says so.
    fn membership(&self) -> String {
        let offering = self.site.offering;
        let project = self.resource.project.uuid;
        let seats = offering.accounts.known().and_then(|accounts| accounts.get(&project));
        if seats.is_some_and(|seats| seats.contains_key(&self.user)) {
            return format!("an account of {} for a service or a course", self.project_name());
        }
        let mate =
            offering.teams.get(&project).and_then(Reading::known).and_then(|team| team.get(&self.user));
        let grants = offering.grants.known().and_then(|grants| grants.get(&project));
        let own: Vec<_> = grants.into_iter().flatten().filter(|grant| grant.user == self.user).collect();
        let mut roles: BTreeSet<&str> = own.iter().filter_map(|grant| grant.role.as_deref()).collect();
        roles.extend(mate.and_then(|mate| mate.role.as_deref()));
        let roles: Vec<String> = roles.into_iter().map(escaped).collect();
        let in_role = if roles.is_empty() { String::new() } else { format!(" as {}", roles.join(", ")) };
        let end =
            mate.map_or_else(|| own.iter().filter_map(|grant| grant.expires).min(), |mate| mate.expires);
        let until = end.map_or_else(String::new, |end| format!(", until {end}"));
        let who = match self.team.basis {
            Basis::Confirmed(_) if own.is_empty() => "Waldur's team says so, the list of roles does not",
            Basis::Confirmed(_) => "Waldur's team and list of roles say so",
            Basis::Hint | Basis::Unknown => "the list of roles says so, the team was not asked",
        };
        format!("in {}{in_role}{until}; {who}", self.project_name())
    }

    fn consent(&self) -> Option<bool> {
        self.site.offering.people.known()?.get(&self.user)?.consent
    }

    fn state(&self) -> Option<UserState> {
        self.site.offering.people.known()?.get(&self.user)?.state
    }

    /// Whether the resource's members may use it (rule 12).
    fn open_link(&self) -> Link {
        let link = |status, what: &str| Link::new(LinkKind::Open, status, what);
        match self.resource.access {
            MemberAccess::Open => link(Status::Holds, "its members may use it"),
            MemberAccess::Restricted => {
                link(Status::Broken, "the resource restricts the access of its members in Waldur")
                    .hint("the provider lifts restrict_member_access of the resource in Waldur")
            }
            MemberAccess::Paused if desired::is_open(self.site.policy, self.resource.access) => {
                link(Status::Holds, "it is paused, which takes no access away here")
            }
            MemberAccess::Paused => link(Status::Broken, "the resource is paused in Waldur")
                .hint("the provider ends the pause in Waldur; paused_restricts_access says that it counts"),
        }
    }

    /// Whether the person's role is mapped to something; nothing to say where roles make no difference.
    fn role_link(&self, mate: &Mate) -> Option<Link> {
        let link = |status, what: String| Some(Link::new(LinkKind::Role, status, what));
        let held: Vec<String> = match &mate.roles {
            Roles::Alike => return None,
            Roles::One(None) => {
                return link(Status::Broken, "Waldur does not name their role in the team".to_owned())?
                    .hint("role_map needs the names of roles; give them one of Waldur's own")
                    .into();
            }
            Roles::One(Some(role)) => vec![role.to_string()],
            Roles::All(roles) => roles.iter().map(ToString::to_string).collect(),
        };
        let templates: BTreeSet<String> = self.templates(mate).iter().map(ToString::to_string).collect();
        let held = held.iter().map(|role| escaped(role)).collect::<Vec<_>>().join(", ");
        if templates.is_empty() {
            let what = format!("role_map gives nothing to {held}, which is what they are in the team");
            return link(Status::Broken, what)?.hint("map the role, or give them another in Waldur").into();
        }
        let templates = templates.into_iter().collect::<Vec<_>>().join(", ");
        link(Status::Holds, format!("{held} is mapped to {templates}"))
    }

    fn templates(&self, mate: &Mate) -> Vec<&'g crate::model::RoleTemplateId> {
        let map: &'g BTreeMap<_, _> = &self.site.policy.role_map;
        match &mate.roles {
            Roles::Alike => Vec::new(),
            Roles::All(roles) => roles.iter().filter_map(|role| map.get(role)).collect(),
            Roles::One(role) => role.iter().filter_map(|role| map.get(role)).collect(),
        }
    }

    /// Returns which groups the person belongs into.
    fn group_roles(&self, mate: &Mate) -> Vec<GroupRole> {
        let Some(keycloak) = &self.site.policy.keycloak else { return Vec::new() };
        let mut groups = role::groups(self.site.policy, keycloak);
        if mate.roles != Roles::Alike {
            let templates = self.templates(mate);
            groups.retain(|group| templates.contains(&&group.template));
        }
        groups
    }

    /// Whether the offering has a name for the person (rule 6).
    fn name_link(&self, name: Option<&Username>) -> Link {
        let state = self.state().map_or_else(String::new, |state| format!(" (its state: {state})"));
        if let Some(name) = name {
            return Link::new(LinkKind::Name, Status::Holds, format!("{}{state}", escaped(name.as_str())));
        }
        let what = format!("the offering has no username for them yet{state}");
        let hint = match self.state() {
            Some(UserState::PendingAccountLinking | UserState::PendingAdditionalValidation) => {
                "Waldur waits for them: their page at the offering in Waldur says for what"
            }
            _ => {
                "look at the offering's username_generation_policy in Waldur if it does not settle by itself"
            }
        };
        Link::new(LinkKind::Name, Status::Broken, what).hint(hint)
    }

    /// Whether Keycloak knows somebody of that name, who is nobody else (rule 5).
    fn account_link(&self, keycloak: &KeycloakPolicy, name: &Username) -> (Link, Account<'g>) {
        let groups: Vec<&GroupId> = ways::groups(self, keycloak).into_iter().map(|(id, _)| id).collect();
        let account = account::in_keycloak(self.site.realm, keycloak, name, &groups);
        let shown = escaped(name.as_str());
        let realm = escaped(keycloak.realm.realm.as_str());
        let link = |status, what: String| Link::new(LinkKind::Account, status, what);
        let is_in_group = || account.id().is_some_and(|id| ways::is_in_any(self, &groups, id));
        let link = match &account {
            Account::Known { .. } if self.is_shared(name) && !is_in_group() => {
                let what = format!("{shown} is also the name of somebody who is not in the team");
                link(Status::Broken, what)
                    .hint("the account may be either's; have Waldur call them differently")
            }
            Account::Known { id, username, disabled } => {
                let off = if *disabled { ", switched off: they cannot log in" } else { "" };
                let called = format!("{} ({})", escaped(username.as_str()), escaped(id.as_str()));
                link(Status::Holds, format!("{called} in realm {realm}{off}"))
            }
            Account::Missing => {
                let what = format!("Keycloak knows nobody of the id or name {shown} in realm {realm}");
                link(Status::Broken, what)
                    .hint("they log in once, usually to Waldur or Rancher; access follows with the next look")
            }
            Account::Unread(why) => {
                link(Status::Unread, format!("{shown} could not be looked up in Keycloak: {}", escaped(why)))
            }
            Account::Unasked => link(Status::Unread, format!("{shown} was not looked up in Keycloak"))
                .hint("a captured world lacks it: capture it again, or ask the live systems"),
        };
        (link, account)
    }

    /// Returns whether somebody who is not in the team has the same name: Waldur keeps usernames not unique.
    fn is_shared(&self, name: &Username) -> bool {
        let people = self.site.offering.people.known().into_iter().flatten();
        let alike = people.filter(|(user, person)| {
            let usual = desired::usual_name(self.site.policy.member_identity, **user, person);
            usual.is_some_and(|usual| usual.is_alike(name))
        });
        self.team.people.has(self.user) && alike.into_iter().any(|(user, _)| !self.team.people.has(*user))
    }

    /// Whether Rancher knows somebody of that name (rule 14).
    fn login_link(&self, name: &Username) -> (Link, Login<'g>) {
        let login = account::in_rancher(self.site, name);
        let shown = escaped(name.as_str());
        let link = |status, what: String| Link::new(LinkKind::Account, status, what);
        let link = match &login {
            Login::Known(id, user) if user.own => {
                let what = format!("{} is the user of the agent's own key, and never touched", id.as_str());
                link(Status::Broken, what)
            }
            Login::Known(id, user) => {
                let off = if user.disabled { ", switched off: they cannot log in" } else { "" };
                link(Status::Holds, format!("user {} in Rancher{off}", escaped(id.as_str())))
            }
            Login::Missing => link(Status::Broken, format!("{shown} has not logged in to Rancher yet")).hint(
                "access follows after the first login; if they did log in, Rancher knows them otherwise",
            ),
            Login::Several(ids) => {
                let ids: Vec<String> = ids.iter().map(|id| escaped(id.as_str())).collect();
                let what = format!("several users of Rancher are called {shown}: {}", ids.join(", "));
                link(Status::Broken, what).hint("nobody is bound by a name that several have; rename one")
            }
            Login::Unread(why) => {
                link(Status::Unread, format!("{shown} could not be looked up in Rancher: {}", escaped(why)))
            }
        };
        (link, login)
    }
}

/// Whether the resource is one that has a project (rule 9).
pub(super) fn resource(
    ground: &Ground<'_>,
    site: Site<'_>,
    (uuid, resource): (ResourceUuid, &Resource),
) -> Link {
    let state = resource.state;
    let broken = |what: &str| Link::new(LinkKind::Resource, Status::Broken, what);
    if let Some(message) = refusal(ground, uuid) {
        return broken(&message);
    }
    let holds = || Link::new(LinkKind::Resource, Status::Holds, format!("{} in Waldur", state.as_str()));
    match ground.ordered.open(site.uuid, uuid).map(|open| open.order.kind) {
        Some(OrderKind::Create | OrderKind::Restore) => {
            return Link::new(LinkKind::Resource, Status::Holds, "its order is being carried out");
        }
        Some(OrderKind::Terminate) => return broken("the resource's end was ordered"),
        Some(OrderKind::Update) | None => {}
    }
    match state {
        ResourceState::Ok | ResourceState::Updating => holds(),
        ResourceState::Erred if resource.backend_id.is_some() || !site.marked(uuid).is_empty() => holds(),
        ResourceState::Erred => broken("the resource is Erred in Waldur and was never provisioned")
            .hint("look at its order in Waldur: it says what went wrong"),
        ResourceState::Creating => broken("the resource is Creating in Waldur, and no order of it is open")
            .hint("look at its order in Waldur: somebody has to approve it, or it failed"),
        ResourceState::Terminating => broken("the resource is Terminating in Waldur"),
        ResourceState::Terminated => broken("the resource is Terminated in Waldur"),
    }
}

/// Returns why a resource's order cannot be carried out, if that is so.
pub(super) fn refusal(ground: &Ground<'_>, uuid: ResourceUuid) -> Option<String> {
    ground.action(|action| {
        let Action::FailOrder(fail) = action else { return None };
        let message = escaped(fail.message.trim_end_matches('.'));
        (fail.resource == uuid).then(|| format!("its order cannot be carried out: {message}"))
    })
}
