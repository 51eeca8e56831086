//! Why something is as it is: a resource, a person or a group, and what Waldur, Rancher, Keycloak and the plan say of it.
//!
//! Pure: [`find`](find::find) looks up what a name means, [`explain`] says everything about it as data, and [`text`]
//! writes that for people, the answer first. Nothing decides by an explanation; it says what the plan decided.
//!
//! A person's access to a resource is a chain of [`Link`]s, from the resource and the team to the membership of the
//! bound group. The first link that does not hold is the answer to "why have they no access".

mod account;
mod answer;
mod chain;
mod find;
mod ground;
mod group;
mod hand;
mod person;
mod questions;
mod resource;
pub mod text;
mod ways;

use serde::Serialize;

use crate::model::{
    ClusterRef, GroupId, KeycloakUserId, OfferingUuid, RancherUserId, RealmRef, ResourceUuid, UserUuid,
};
use crate::plan::{Effect, Fingerprint, NoteKind, System};

pub use find::{Found, find};
pub use ground::Ground;
pub use questions::questions;

/// What is explained.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Subject {
    /// A resource of an offering.
    Resource {
        /// Which offering.
        offering: OfferingUuid,
        /// Which resource.
        resource: ResourceUuid,
    },
    /// A person, as the first system knows them that does.
    Person(Who),
    /// A group of an agent's in a realm.
    Group {
        /// Where.
        realm: RealmRef,
        /// Which.
        group: GroupId,
    },
}

/// A person: Waldur's user, or somebody whom Waldur does not know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Who {
    /// A user of Waldur.
    Waldur {
        /// Which.
        user: UserUuid,
    },
    /// Somebody whom only Keycloak knows.
    Keycloak {
        /// Where.
        realm: RealmRef,
        /// Whom.
        account: KeycloakUserId,
    },
    /// Somebody whom only Rancher knows.
    Rancher {
        /// Where.
        cluster: ClusterRef,
        /// Whom.
        login: RancherUserId,
    },
}

/// Everything that there is to say about one thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// About what.
    pub subject: Subject,
    /// What it is called.
    pub title: String,
    /// The answer, in one sentence.
    pub answer: String,
    /// What to do, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What each system says of it.
    pub said: Vec<Said>,
    /// Who can reach what: a person's resources, or a resource's people.
    pub access: Vec<Reach>,
    /// Who is in a group, or should be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Seat>,
    /// Why `access` or `members` may lack somebody: what of it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlisted: Option<String>,
    /// What the plan does about it, and what of that is held.
    pub steps: Vec<Deed>,
    /// What else the plan notes about it.
    pub notes: Vec<Remark>,
    /// What releases the steps that the budget holds, if some of these are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<Fingerprint>,
}

/// What one system says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Who says it.
    pub system: System,
    /// A sentence each.
    pub lines: Vec<String>,
}

/// One person's way to one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reach {
    /// Of which offering.
    pub offering: OfferingUuid,
    /// To which resource.
    pub resource: ResourceUuid,
    /// What that is called.
    pub title: String,
    /// Who.
    pub person: String,
    /// Whether they reach its project now through what is ours; unknown where that could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<bool>,
    /// The role by which a binding that others made lets them in, if there is one. It is not counted as ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<String>,
    /// Whether they should, as Waldur says it; unknown where Waldur did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<bool>,
    /// Whether they will once the plan is applied; unknown where that rests on what could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<bool>,
    /// The first link that does not hold, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<LinkKind>,
    /// That in one sentence.
    pub answer: String,
    /// The reason in it, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What to do, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What access takes, in order.
    pub links: Vec<Link>,
}

/// One thing that access takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Which.
    pub link: LinkKind,
    /// Whether it holds.
    pub status: Status,
    /// What is the case, in a few words.
    pub what: String,
    /// What to do, if it does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What access takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// The resource is one that has a project.
    Resource,
    /// The person is in the team of its Waldur project.
    Team,
    /// The resource's members may use it.
    Open,
    /// The person's role is mapped to one in Rancher.
    Role,
    /// The offering has a name for the person.
    Name,
    /// Keycloak, or without it Rancher, knows somebody of that name.
    Account,
    /// There is a project in Rancher.
    Project,
    /// There is a group in Keycloak.
    Group,
    /// The group, or the person, is bound to the project.
    Binding,
    /// The person is in the group.
    Member,
}

/// Whether a link holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It does.
    Holds,
    /// It will: a step of the plan sees to it.
    Planned,
    /// What the Python agent left may hold it; the plan makes that ours first.
    Adopting,
    /// A step would see to it, and is held.
    Held,
    /// It does not, and nothing that the plan may do changes that.
    Broken,
    /// It was not read.
    Unread,
    /// Something before it is missing, so that nobody can say.
    Open,
}

/// One person and one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seat {
    /// Who.
    pub person: String,
    /// How they stand to the team.
    pub standing: Standing,
    /// Whether they are in the group; unknown where that could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_in: Option<bool>,
    /// In a few words, with what the plan does about it.
    pub what: String,
}

/// How somebody stands to a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// In it, and belongs in the group.
    Teammate,
    /// In it, in a role that this group is not for.
    OtherRole,
    /// In it, and nobody knows yet who they are in Keycloak.
    Unknown,
    /// Known to the offering, and not in the team.
    Leaver,
    /// Known to no user of the offering.
    Stray,
    /// Nobody knows, because the team was not read.
    Unread,
}

/// One step of the plan, taken or held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deed {
    /// What it does, in one sentence.
    pub what: String,
    /// What it changes in detail, a line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// What it does to the world.
    pub effect: Effect,
    /// Why, in words.
    pub why: String,
    /// Why it is not taken, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
}

/// One note of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Of which kind.
    pub kind: NoteKind,
    /// What is the case.
    pub what: String,
    /// What to do, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Explains one thing.
pub fn explain(ground: &Ground<'_>, subject: &Subject) -> Explanation {
    match subject {
        Subject::Resource { offering, resource } => resource::explain(ground, *offering, *resource),
        Subject::Person(who) => person::explain(ground, who),
        Subject::Group { realm, group } => group::explain(ground, realm, group),
    }
}

impl Explanation {
    /// Returns the explanation as pretty-printed JSON, ending in a newline.
    ///
    /// # Errors
    /// None in practice: it has only string keys.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }
}

impl Reach {
    /// Returns whether they are known to reach it, whoever let them in.
    fn is_there(&self) -> bool {
        self.now == Some(true) || self.by_hand.is_some()
    }
}

impl Subject {
    const fn resource(offering: OfferingUuid, resource: ResourceUuid) -> Self {
        Self::Resource { offering, resource }
    }
}
