//! What is used, and how it is counted: pods and claims by Kubernetes' own rules, amounts as Waldur takes them.
//!
//! All of it is integer arithmetic. What could not be read stays unread: no rule here turns it into zero.

mod amount;
mod load;
mod measure;
mod month;
mod pod;
mod sight;
mod terms;

pub use amount::{Amount, InvalidAmount};
pub use load::{Load, Loads};
pub use measure::{Measure, Source};
pub use month::Month;
pub use pod::{Container, InitContainer, Pod, Requests};
pub use sight::{Account, Billing, Books, Sight, Workload};
pub use terms::Terms;
