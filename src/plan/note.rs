//! What is not done, and what a person should know: each note says what, and what to do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::System;
use crate::model::policy::Lookup;
use crate::model::{
    ClusterRef, GroupName, NamespaceName, OfferingUuid, ProjectUuid, RealmRef, ResourceUuid, Username,
};

/// What a step or note is about: where it stands in a plan that people read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "about", rename_all = "kebab-case")]
pub enum About {
    /// A whole offering.
    Offering {
        /// Which.
        offering: OfferingUuid,
    },
    /// A cluster's group in a realm, on behalf of the first offering that needs it.
    Cluster {
        /// That offering.
        offering: OfferingUuid,
        /// Which.
        cluster: ClusterRef,
    },
    /// One resource, and its team if it is the only resource of its Waldur project.
    Resource {
        /// Of which offering.
        offering: OfferingUuid,
        /// Which.
        resource: ResourceUuid,
    },
    /// The team of a Waldur project with several resources.
    Team {
        /// Of which offering.
        offering: OfferingUuid,
        /// Which.
        project: ProjectUuid,
    },
}

impl About {
    /// Returns the offering that it belongs to.
    pub const fn offering(&self) -> OfferingUuid {
        match self {
            Self::Offering { offering }
            | Self::Cluster { offering, cluster: _ }
            | Self::Resource { offering, resource: _ }
            | Self::Team { offering, project: _ } => *offering,
        }
    }
}

/// What kind of note it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// A safety rule keeps us from acting; a person may have to do something. Exit code 3.
    Held,
    /// A system could not be read completely; what rests on it is held. Exit code 6.
    Unreadable,
    /// Time, or somebody's first login, will settle it.
    Waiting,
    /// It is not ours, and stays as it is.
    Unmanaged,
}

/// One note.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// About what.
    #[serde(flatten)]
    pub about: About,
    /// Of which kind.
    pub kind: NoteKind,
    /// What is the case.
    pub what: String,
    /// What to do, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What a plan may want to know of the inside of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Its namespaces.
    Namespaces,
    /// The quotas of ours in its namespaces.
    Quotas,
    /// Whether its server's projects can have quotas on extended resources.
    ExtendedQuota,
    /// How many pods run in one of its namespaces.
    Pods(NamespaceName),
}

/// Something that the plan would rest on and that nobody asked yet: `confirm` asks it at the source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Question {
    /// Who is in the team, according to Waldur's `team` of one of its resources?
    Team {
        /// At which offering.
        offering: OfferingUuid,
        /// Of which Waldur project.
        project: ProjectUuid,
        /// Through which resource.
        resource: ResourceUuid,
    },
    /// Who is the person that Waldur calls so?
    Account {
        /// In which realm.
        realm: RealmRef,
        /// What Waldur says.
        username: Username,
        /// Which way first.
        #[serde(skip)]
        lookup: Lookup,
    },
    /// What lies inside the cluster?
    Inside {
        /// Which cluster.
        cluster: ClusterRef,
        /// What of it.
        what: Detail,
    },
    /// Is there a group of that name anywhere in the realm?
    Namesakes {
        /// In which realm.
        realm: RealmRef,
        /// Of what name.
        name: GroupName,
    },
}

impl Question {
    /// Returns who is asked.
    pub const fn system(&self) -> System {
        match self {
            Self::Team { .. } => System::Waldur,
            Self::Inside { .. } => System::Rancher,
            Self::Account { .. } | Self::Namesakes { .. } => System::Keycloak,
        }
    }
}
