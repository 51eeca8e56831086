//! One person's way to one resource, and what it comes to in one sentence.

use super::account;
use super::chain::Walk;
use super::ground::{Ground, Site, quoted};
use super::{Link, LinkKind, Reach, Status, hand};
use crate::model::world::{Resource, Subject};
use crate::model::{KeycloakUserId, Person, RancherProjectId, ResourceUuid, UserUuid};
use crate::plan::access::Pair;
use crate::plan::action::Holder;
use crate::plan::render::escaped;
use crate::plan::{Action, Step};

/// Returns a user's way to a resource.
pub(super) fn reach(
    ground: &Ground<'_>,
    site: Site<'_>,
    (uuid, resource): (ResourceUuid, &Resource),
    user: UserUuid,
) -> Reach {
    // The site's own resource lives as long as its team.
    let Some(own) = site.resource(uuid) else { return nowhere(site, (uuid, resource), site.called(user)) };
    let walk = Walk::new(ground, site, (uuid, own), user);
    let links = walk.links();
    let name = account::name(site, user).or_else(|| walk.name(walk.team.people.get(user)));
    let is_off = name.as_ref().is_some_and(|name| account::is_switched_off(site, name));
    let persons = name.map_or_else(Vec::new, |name| account::persons(site, &name));
    Answer {
        ground,
        site,
        place: (uuid, resource),
        persons: &persons,
        links,
        person: site.called(user),
        is_off,
    }
    .reach()
}

/// Returns the way of somebody whom no user of the offering is.
pub(super) fn reach_of_stranger(
    ground: &Ground<'_>,
    site: Site<'_>,
    place: (ResourceUuid, &Resource),
    (person, called): (&Person, String),
) -> Reach {
    let link = match site.offering.people.gap() {
        None => Link::new(LinkKind::Team, Status::Broken, "nobody of the offering is called so"),
        Some(gap) => {
            let what = format!("no user of the offering that could be read is called so: {}", escaped(&gap));
            Link::new(LinkKind::Team, Status::Unread, what)
        }
    };
    let persons = std::slice::from_ref(person);
    Answer { ground, site, place, persons, links: vec![link], person: called, is_off: false }.reach()
}

fn nowhere(site: Site<'_>, (uuid, resource): (ResourceUuid, &Resource), person: String) -> Reach {
    Reach {
        offering: site.uuid,
        resource: uuid,
        title: resource.name.clone(),
        answer: format!("{person} has no access to {}", quoted(&resource.name)),
        person,
        now: Some(false),
        by_hand: None,
        wanted: None,
        after: Some(false),
        broken: None,
        because: None,
        hint: None,
        links: Vec::new(),
    }
}

/// What an answer is made of.
struct Answer<'g, 'a> {
    ground: &'g Ground<'a>,
    site: Site<'g>,
    place: (ResourceUuid, &'g Resource),
    persons: &'g [Person],
    links: Vec<Link>,
    person: String,
    /// Whether they cannot log in, whatever they have access to.
    is_off: bool,
}

impl Answer<'_, '_> {
    fn reach(self) -> Reach {
        let (uuid, resource) = self.place;
        let key = (self.site.uuid, uuid);
        let now = account::pairs(self.persons, key).find(|pair| self.ground.now().contains(pair));
        let after = account::pairs(self.persons, key).any(|pair| self.ground.is_after(&pair));
        let wanted = self.wanted();
        // What could not be read is not absent.
        let is_known = |found: bool| (found || self.unread().is_none()).then_some(found);
        let (is_now, is_after) = (is_known(now.is_some()), is_known(after));
        let by_hand = hand::role(self.site, uuid, self.persons);
        let (answer, hint) = match &by_hand {
            Some(role) if now.is_none() => self.by_hand(role, wanted),
            _ => self.sentence(now.as_ref(), wanted, after),
        };
        Reach {
            offering: self.site.uuid,
            resource: uuid,
            title: resource.name.clone(),
            now: is_now,
            by_hand,
            wanted,
            after: is_after,
            broken: self.first().map(|link| link.link),
            answer,
            because: self.first().map(|link| link.what.clone()),
            hint,
            person: self.person,
            links: self.links,
        }
    }

    /// Returns whether Waldur wants it: what is on Waldur's side holds.
    fn wanted(&self) -> Option<bool> {
        let waldurs = [LinkKind::Resource, LinkKind::Team, LinkKind::Open, LinkKind::Role];
        let statuses =
            || self.links.iter().filter(|link| waldurs.contains(&link.link)).map(|link| link.status);
        if statuses().any(|status| status == Status::Broken) {
            Some(false)
        } else if statuses().any(|status| status == Status::Unread) {
            None
        } else {
            Some(true)
        }
    }

    /// Returns the first link that could not be read and without which nobody can say who has access: one outside of
    /// Waldur, or by what name to look there.
    fn unread(&self) -> Option<&Link> {
        let is_ways = |link: LinkKind| match link {
            LinkKind::Name
            | LinkKind::Account
            | LinkKind::Project
            | LinkKind::Group
            | LinkKind::Binding
            | LinkKind::Member => true,
            LinkKind::Resource | LinkKind::Team | LinkKind::Open | LinkKind::Role => false,
        };
        self.links.iter().find(|link| link.status == Status::Unread && is_ways(link.link))
    }

    /// Returns the first link that keeps access away: one that nothing mends, else one that is about to be mended.
    fn first(&self) -> Option<&Link> {
        let stops = |link: &&Link| matches!(link.status, Status::Held | Status::Broken | Status::Unread);
        let first = self.links.iter().find(stops);
        first.or_else(|| self.links.iter().find(|link| link.status != Status::Holds))
    }

    fn sentence(&self, now: Option<&Pair>, wanted: Option<bool>, after: bool) -> (String, Option<String>) {
        let (who, what) = (&self.person, quoted(&self.place.1.name));
        let first = self.first();
        let because = first.map_or("nothing is missing that can be seen here", |link| link.what.as_str());
        let hint = first.and_then(|link| link.hint.clone());
        match (now, wanted, after) {
            (Some(_), Some(true), true) if first.is_some() => {
                (format!("{who} has access to {what}, and not yet as they should: {because}"), hint)
            }
            (Some(_), Some(true), true) => self.kept(),
            (Some(_), None, true) => {
                (format!("{who} has access to {what}; whether they should is not known: {because}"), hint)
            }
            (Some(pair), _, false) => {
                let why = self.ground.loss(pair).unwrap_or_else(|| because.to_owned());
                let next = "`agent apply` takes it; Rancher forgets a removed person at its next refresh";
                (format!("{who} has access to {what} and loses it: {why}"), Some(next.to_owned()))
            }
            (Some(pair), Some(false), true) => {
                let (stays, hint) = self.why_it_stays(pair);
                (format!("{who} still has access to {what}, although {because}: {stays}"), hint)
            }
            (None, _, true) => {
                let planned = self.links.iter().rfind(|link| link.status == Status::Planned);
                let because = planned.map_or(because, |link| link.what.as_str());
                let hint = "`agent apply` does it, or `agent reconcile` within its interval".to_owned();
                (format!("{who} has no access to {what} yet: {because}"), Some(hint))
            }
            (None, _, false) if first.is_some_and(|link| link.status == Status::Adopting) => {
                let hint = "what the Python agent gave them stays; people are compared once it is adopted";
                (
                    format!("{who} reaches {what} only as the Python agent left it: {because}"),
                    Some(hint.to_owned()),
                )
            }
            (None, wanted, false) => match self.unread() {
                None => (format!("{who} has no access to {what}: {because}"), hint),
                Some(link) if wanted == Some(false) => (
                    format!(
                        "whether {who} still has access to {what}, although {because}, is not known: {}",
                        link.what
                    ),
                    link.hint.clone(),
                ),
                Some(link) => (
                    format!("whether {who} has access to {what} is not known: {}", link.what),
                    link.hint.clone(),
                ),
            },
        }
    }

    /// Says that others let somebody in, and what is the matter with the way that Waldur wants.
    fn by_hand(&self, role: &str, wanted: Option<bool>) -> (String, Option<String>) {
        let (who, what) = (&self.person, quoted(&self.place.1.name));
        let reaches = format!("{who} reaches {what} by a binding that others made ({role})");
        let hint = "nothing here takes it away: whoever made it removes it in Rancher".to_owned();
        match (self.first(), wanted) {
            (None, _) => (reaches, Some(hint)),
            (Some(link), Some(false)) => (format!("{reaches}, although {}", link.what), Some(hint)),
            (Some(link), None) => {
                (format!("{reaches}; whether they should is not known: {}", link.what), link.hint.clone())
            }
            (Some(link), Some(true)) => {
                (format!("{reaches}, and not yet as Waldur wants it: {}", link.what), link.hint.clone())
            }
        }
    }

    /// Says that somebody has what they should have. Rancher may not know of it yet.
    fn kept(&self) -> (String, Option<String>) {
        let (who, what) = (&self.person, quoted(&self.place.1.name));
        if self.is_off {
            let hint =
                "somebody switched it off in Keycloak or Rancher, or the directory behind it does not answer";
            return (
                format!("{who} has access to {what}, but their account is switched off"),
                Some(hint.to_owned()),
            );
        }
        let hint = "if Rancher does not show it to them, they log in anew: it learns of groups at logins";
        (format!("{who} has access to {what}"), Some(hint.to_owned()))
    }

    /// Returns why access that nobody should have is not taken away.
    fn why_it_stays(&self, pair: &Pair) -> (String, Option<String>) {
        let taken = self.ground.step(|action| takes(action, self.site, self.place.0, &pair.person));
        if let Some(step) = taken
            && let Some(why) = step.held
        {
            let hint = self.ground.how_to_release().filter(|_| step.releasable);
            return (format!("to {} is held: {why}", step.sentence), hint);
        }
        let project = self.place.1.project.uuid;
        let names = [self.person.as_str()].into();
        match self.ground.why_not(self.site, (self.place.0, project), (&names, &[].into()), false) {
            Some(note) => (escaped_sentence(&note.what), note.hint.map(|hint| escaped_sentence(&hint))),
            None => ("the plan takes nothing from them".to_owned(), None),
        }
    }
}

fn escaped_sentence(text: &str) -> String {
    text.split(' ').map(escaped).collect::<Vec<_>>().join(" ")
}

/// Returns whether an action takes a person out of something that leads to a resource.
fn takes(action: &Action, site: Site<'_>, resource: ResourceUuid, person: &Person) -> bool {
    let on_its_project =
        |project: &RancherProjectId| site.marked(resource).first().is_some_and(|(id, _)| *id == project);
    matches!(action, Action::RemoveMember(remove) if Person::Keycloak(remove.person.clone()) == *person)
        || matches!(action, Action::Unbind(unbind) if on_its_project(&unbind.project) && names(&unbind.who, person))
        || matches!(action, Action::DeleteProject(delete) if delete.resource == resource)
}

/// Returns whether a binding may be what lets a person in.
fn names(who: &Holder, person: &Person) -> bool {
    match (who, person) {
        (Holder::Person(login), Person::Rancher(user)) => login.user == *user,
        (Holder::Group { .. }, _) | (Holder::Person(_), Person::Keycloak(_)) => true,
    }
}

/// Returns whether a step gives something to a person or takes it from them.
pub(super) fn touches(step: &Step, user: Option<UserUuid>, persons: &[Person]) -> bool {
    let is = |id: &KeycloakUserId| persons.contains(&Person::Keycloak(id.clone()));
    let is_login = |subject: &Subject| match subject {
        Subject::User(id) => {
            persons.iter().any(|person| matches!(person, Person::Rancher(login) if login.as_str() == id))
        }
        Subject::Group(_) | Subject::Other => false,
    };
    matches!(&step.action, Action::AddMember(add) if Some(add.user) == user || is(&add.account.id))
        || matches!(&step.action, Action::RemoveMember(remove) if is(&remove.person))
        || matches!(&step.action, Action::Bind(bind) if is_login(&bind.who.subject()))
        || matches!(&step.action, Action::Unbind(unbind) if is_login(&unbind.who.subject()))
}
