//! Why a step is there, and what is said about what is not done. Nothing decides by these.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::facts::Fact;
use crate::model::world::ResourceState;

/// The fact in Waldur, or the drift, that caused a step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "because", rename_all = "kebab-case")]
pub enum Reason {
    /// Somebody ordered it, and it waits for the provider.
    Ordered,
    /// Waldur itself failed the order before anybody tried.
    FailedByWaldur,
    /// Nothing of what the order asks for is left to do.
    OrderCarriedOut,
    /// What the order asks for cannot be had, however often it is tried.
    OrderImpossible,
    /// The resource's end was ordered.
    EndOrdered,
    /// Waldur says that the resource is terminated.
    ResourceTerminated,
    /// Its team has no resource any more.
    NothingServed,
    /// Waldur has the resource; Rancher has nothing that serves it.
    ResourceWithoutProject {
        /// The resource's state.
        state: ResourceState,
    },
    /// The resource's `backend_id` names the project, and it carries nobody's mark.
    NamedByWaldur,
    /// The Python agent made it for this, as its name and marks say.
    LeftByThePythonAgent,
    /// The group of that name is another offering's, and the teams are one.
    TeamsAreOne,
    /// The group of another offering has a role in the resource's project already.
    BoundAlready,
    /// Somebody gave the team's group just what it should have.
    GivesWhatIsWanted,
    /// Waldur's names changed, or somebody edited the project.
    DescriptionDiffers,
    /// Our own notes on the project are not what they should be.
    MarksDiffer,
    /// The limits in Waldur and the quota in Rancher differ.
    QuotaDiffers,
    /// Its project's quota gives each namespace something else.
    ShareDiffers,
    /// The resource has limits, and no namespace that holds them.
    NoNamespaceForQuota,
    /// The quota moved from the project into a namespace.
    QuotaElsewhere,
    /// What containers get is not what is configured.
    ContainerDefaultsDiffer,
    /// Waldur does not know the project that serves the resource.
    BackendIdDiffers,
    /// No group stands for the cluster yet.
    ClusterWithoutGroup,
    /// The team has people and no group.
    TeamWithoutGroup,
    /// The team's group has no role in the resource's project.
    ResourceWithoutBinding,
    /// The person is in the team and not in the group.
    JoinedTeam,
    /// The person is in the team, there are no groups, and they have no role in the project.
    JoinedWithoutGroup,
    /// The team's group gives the person what their own binding did.
    GroupInstead,
    /// Everybody in the team is bound directly: there are no groups any more.
    PeopleInstead,
    /// The person is in the group and no longer in the team.
    LeftTeam,
    /// The person is in the team, and none of their roles is the group's.
    RoleChanged,
    /// The member is in no team and known to no offering user.
    Stray,
    /// The binding gives a role that is not the configured one, or names a group that is not the team's.
    BindingReplaced,
    /// Waldur forbids the resource's members to use it.
    AccessRestricted,
    /// The binding names a group that does not exist; whoever makes one of that name would get in.
    GroupMissing,
    /// The binding names a group of ours that is not that of the resource's team.
    AnotherTeam,
    /// The team has nobody.
    TeamEmpty {
        /// Since when, as far as known.
        since: Timestamp,
    },
    /// Nobody in the team has a role that is the group's.
    RoleEmpty {
        /// Since when, as far as known.
        since: Timestamp,
    },
    /// The team has somebody again.
    TeamBack,
    /// The group has no children any more.
    LastChildGone,
    /// What Waldur shows of the resource is not what is.
    NotesDiffer,
    /// How far somebody has access is not what Waldur was told last.
    StatusesDiffer,
    /// Rancher says that something is wrong with the project.
    InTrouble,
    /// Rancher says that nothing is wrong with the project.
    Healthy,
    /// Waldur is told something else of the resource.
    ToldAnew,
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ordered => out.write_str("it was ordered and waits for the provider"),
            Self::FailedByWaldur => out.write_str("Waldur failed it before anybody could try"),
            Self::OrderCarriedOut => out.write_str("nothing of it is left to do then"),
            Self::OrderImpossible => out.write_str("trying again would not help"),
            Self::EndOrdered => out.write_str("its end was ordered"),
            Self::ResourceTerminated => out.write_str("Waldur says that the resource is terminated"),
            Self::NothingServed => out.write_str("its team has no resource any more"),
            Self::ResourceWithoutProject { state } => {
                write!(out, "the resource is {} in Waldur and has no project", state.as_str())
            }
            Self::NamedByWaldur => out.write_str("Waldur names it as the resource's project"),
            Self::LeftByThePythonAgent => out.write_str("the Python agent made it for this"),
            Self::TeamsAreOne => {
                out.write_str("it is another offering's group of that name, and both have the same team")
            }
            Self::BoundAlready => out.write_str("it has a role in the project already"),
            Self::GivesWhatIsWanted => out.write_str("it gives the team's group what it should have"),
            Self::DescriptionDiffers => out.write_str("the description is not what Waldur's names say"),
            Self::MarksDiffer => out.write_str("our notes on the project are not what they should be"),
            Self::QuotaDiffers => out.write_str("the limits in Waldur are different"),
            Self::ShareDiffers => out.write_str("it has what its project gave each namespace, and follows"),
            Self::NoNamespaceForQuota => {
                out.write_str("the resource has limits and its project no namespace that holds them")
            }
            Self::QuotaElsewhere => out.write_str("its namespace holds the quota"),
            Self::ContainerDefaultsDiffer => out.write_str("what is configured is different"),
            Self::BackendIdDiffers => out.write_str("Waldur does not name this project"),
            Self::ClusterWithoutGroup => out.write_str("the cluster has no group yet"),
            Self::TeamWithoutGroup => out.write_str("the team has people and no group"),
            Self::ResourceWithoutBinding => out.write_str("the team's group has no role in the project"),
            Self::JoinedTeam => out.write_str("they are in the team and not in the group"),
            Self::JoinedWithoutGroup => out.write_str("they are in the team and have no role in the project"),
            Self::GroupInstead => out.write_str("the team's group gives them the role now"),
            Self::PeopleInstead => out.write_str("everybody in the team is bound directly now"),
            Self::LeftTeam => out.write_str("they are no longer in the team"),
            Self::RoleChanged => out.write_str("none of their roles in the team is this group's any more"),
            Self::Stray => out.write_str("they are in no team and no user of the offering"),
            Self::BindingReplaced => out.write_str("another binding takes its place"),
            Self::AccessRestricted => out.write_str("Waldur forbids the members of the resource to use it"),
            Self::GroupMissing => out.write_str("no group of ours is called so"),
            Self::AnotherTeam => out.write_str("it is not the group of the resource's team"),
            Self::TeamEmpty { since } => write!(out, "the team has been empty since {since}"),
            Self::RoleEmpty { since } => {
                write!(out, "nobody in the team has had a role of this group since {since}")
            }
            Self::TeamBack => out.write_str("the team has people again"),
            Self::LastChildGone => out.write_str("its last child goes"),
            Self::NotesDiffer => out.write_str("what Waldur shows of it is not what is"),
            Self::StatusesDiffer => out.write_str("how far they have access has changed, or was never told"),
            Self::InTrouble => out.write_str("Rancher says so of its project"),
            Self::Healthy => out.write_str("Rancher says nothing against its project"),
            Self::ToldAnew => out.write_str("Waldur is told something of it"),
        }
    }
}

/// Why a step that should be there is not taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "held", rename_all = "kebab-case")]
pub enum Hold {
    /// It waits for something that nothing in the plan provides.
    Missing {
        /// What.
        fact: Fact,
    },
    /// More people would lose access in an hour than the budget allows.
    OverBudget {
        /// So many would, with those of the last hour.
        would: usize,
        /// So many may.
        may: usize,
    },
    /// More of one group would go than the budget allows.
    TooManyOfGroup {
        /// So many would go.
        would: usize,
        /// Of so many.
        of: usize,
    },
    /// More projects would be deleted in an hour than the budget allows.
    TooManyProjects {
        /// So many would, with those of the last hour.
        would: usize,
        /// So many may.
        may: usize,
    },
    /// Somebody has to approve each deletion of a project here.
    ToBeApproved,
}

impl fmt::Display for Hold {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { fact } => write!(out, "waits until {fact}"),
            Self::OverBudget { would, may } => {
                write!(out, "{would} would lose access within an hour, at most {may} may")
            }
            Self::TooManyOfGroup { would, of } => write!(out, "{would} of the group's {of} members would go"),
            Self::TooManyProjects { would, may } => {
                write!(out, "{would} projects would be deleted within an hour, at most {may} may")
            }
            Self::ToBeApproved => out.write_str("a person approves each deletion here (delete_projects)"),
        }
    }
}
