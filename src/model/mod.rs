//! The nouns. Pure: no clock, no environment, nothing async, no other room.
//!
//! [`world`] is what was read, [`policy`] what the operator configured; [`desired`] sends the one through the
//! other, [`observed`] finds in the world what belongs to us.

pub mod capture;
pub mod desired;
mod extended;
mod factor;
pub mod id;
pub mod logins;
pub mod marks;
pub mod observed;
pub mod offered;
pub mod ordered;
mod person;
pub mod policy;
pub mod pseudonym;
pub mod quantity;
pub mod quota;
pub mod reading;
pub mod role;
mod schema;
pub mod table;
pub mod team;
pub mod template;
pub mod told;
pub mod usage;
mod username;
pub mod world;

pub use id::{
    BindingId, BindingName, ClusterId, ClusterRef, ClusterUuid, ComponentName, GroupId, GroupName, InvalidId,
    KeycloakUserId, NamespaceName, OfferingUuid, OrderUuid, Principal, ProjectUuid, RancherProjectId,
    RancherUserId, RealmName, RealmRef, ResourceUuid, RoleTemplateId, ServerUrl, Slug, UserUuid,
};
pub use person::{Person, PersonRef};
pub use quantity::Quantity;
pub use reading::{Evidence, Reading};
pub use username::{Print, Username};
