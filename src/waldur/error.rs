//! What could not be asked of Waldur, and what an operator could look at.

use uuid::Uuid;

use crate::http::{self, Outcome, StatusCode};
use crate::model::world::Capability;
use crate::model::{ComponentName, OfferingUuid, OrderUuid, ResourceUuid};

/// A question that Waldur did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The offering itself.
    #[error("the offering {offering} cannot be read")]
    Offering {
        /// Which.
        offering: OfferingUuid,
        /// Why.
        source: http::Error,
    },
    /// The list of an offering's resources.
    #[error("the resources of the offering {offering} cannot be read")]
    Resources {
        /// Whose.
        offering: OfferingUuid,
        /// Why.
        source: http::Error,
    },
    /// One resource.
    #[error("the resource {resource} cannot be read")]
    Resource {
        /// Which.
        resource: ResourceUuid,
        /// Why.
        source: http::Error,
    },
    /// The team of a resource.
    #[error("the team of the resource {resource} cannot be read")]
    Team {
        /// Whose.
        resource: ResourceUuid,
        /// Why.
        source: http::Error,
    },
    /// The list of an offering's users.
    #[error("the users of the offering {offering} cannot be read")]
    OfferingUsers {
        /// Whose.
        offering: OfferingUuid,
        /// Why.
        source: http::Error,
    },
    /// The lists of the accounts of services and courses.
    #[error("the accounts of services and courses at the offering {offering} cannot be read")]
    Accounts {
        /// Whose.
        offering: OfferingUuid,
        /// Why.
        source: http::Error,
    },
    /// The service provider that an organisation is.
    #[error("the service provider of the organisation {} cannot be read", customer.simple())]
    Provider {
        /// Which organisation.
        customer: Uuid,
        /// Why.
        source: http::Error,
    },
    /// The list of who holds which role in the projects that a provider serves.
    #[error("the roles in the projects of the service provider {} cannot be read", provider.simple())]
    Grants {
        /// Which provider.
        provider: Uuid,
        /// Why.
        source: http::Error,
    },
    /// What a resource is called at the backend.
    #[error("the backend id of the resource {resource} cannot be set")]
    SetBackendId {
        /// Whose.
        resource: ResourceUuid,
        /// Why.
        source: http::Error,
    },
    /// What an agent tells of a resource.
    #[error("Waldur does not accept {} for the resource {resource}", what.as_str())]
    Tell {
        /// Of which.
        resource: ResourceUuid,
        /// What.
        what: Capability,
        /// Why.
        source: http::Error,
    },
    /// The list of an offering's orders.
    #[error("the orders of the offering {offering} cannot be read")]
    Orders {
        /// Whose.
        offering: OfferingUuid,
        /// Why.
        source: http::Error,
    },
    /// One order.
    #[error("the order {order} cannot be read")]
    Order {
        /// Which.
        order: OrderUuid,
        /// Why.
        source: http::Error,
    },
    /// What a plan includes.
    #[error("the plan {} cannot be read", plan.simple())]
    Plan {
        /// Which.
        plan: Uuid,
        /// Why.
        source: http::Error,
    },
    /// An action on an order.
    #[error("Waldur does not accept {action} for the order {order}")]
    OrderAction {
        /// Which order.
        order: OrderUuid,
        /// Which action.
        action: &'static str,
        /// Why.
        source: http::Error,
    },
    /// What an offering sells.
    #[error("the components of the offering {offering} cannot be read")]
    Components {
        /// Whose.
        offering: OfferingUuid,
        /// Why.
        source: http::Error,
    },
    /// An action on a component.
    #[error("Waldur does not accept {action} for the component {component}")]
    ComponentAction {
        /// Of which offering.
        offering: OfferingUuid,
        /// Which component.
        component: ComponentName,
        /// Which action.
        action: &'static str,
        /// Why.
        source: http::Error,
    },
    /// What was reported before.
    #[error("the usages of the offering {offering} cannot be read")]
    Usages {
        /// Of which offering.
        offering: OfferingUuid,
        /// Why.
        source: http::Error,
    },
    /// A report of a resource's usage.
    #[error("the usage of the resource {resource} cannot be reported")]
    ReportUsage {
        /// Whose.
        resource: ResourceUuid,
        /// Why.
        source: http::Error,
    },
    /// Which version it is.
    #[error("the version of Waldur cannot be read")]
    Version {
        /// Why.
        source: http::Error,
    },
    /// Whose the token is.
    #[error("the owner of the token cannot be read")]
    WhoAmI {
        /// Why.
        source: http::Error,
    },
}

impl Error {
    /// Returns what went wrong on the wire.
    pub fn cause(&self) -> &http::Error {
        match self {
            Self::Offering { offering: _, source }
            | Self::Resources { offering: _, source }
            | Self::Resource { resource: _, source }
            | Self::Team { resource: _, source }
            | Self::OfferingUsers { offering: _, source }
            | Self::Accounts { offering: _, source }
            | Self::Provider { customer: _, source }
            | Self::Grants { provider: _, source }
            | Self::SetBackendId { resource: _, source }
            | Self::Tell { resource: _, what: _, source }
            | Self::Orders { offering: _, source }
            | Self::Order { order: _, source }
            | Self::Plan { plan: _, source }
            | Self::OrderAction { order: _, action: _, source }
            | Self::Components { offering: _, source }
            | Self::ComponentAction { offering: _, component: _, action: _, source }
            | Self::Usages { offering: _, source }
            | Self::ReportUsage { resource: _, source }
            | Self::Version { source }
            | Self::WhoAmI { source } => source,
        }
    }

    /// Returns what is known of the call's effect.
    pub fn outcome(&self) -> Outcome {
        self.cause().outcome()
    }

    /// Says whether the token is not accepted at all: nothing else of Waldur can be read with it either.
    pub fn is_unauthorized(&self) -> bool {
        self.cause().status() == Some(StatusCode::UNAUTHORIZED)
    }

    /// Returns what an operator could look at. Waldur's own texts are translated, so only statuses and types count.
    pub fn hint(&self) -> Option<String> {
        let Some(refusal) = self.cause().refusal() else { return self.cause().hint() };
        let hint = match refusal.status {
            // Waldur says why in `detail`, whatever it refuses.
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND
                if !refusal.web_page && refusal.said("detail").is_none() =>
            {
                "something else than Waldur may have answered: is waldur_api_url right?"
            }
            StatusCode::UNAUTHORIZED => "is waldur_api_token right, and not expired? An idle token expires",
            StatusCode::FORBIDDEN => {
                "the token's user lacks a right: it needs to be an owner of the organisation that provides the offering"
            }
            StatusCode::NOT_FOUND if refusal.web_page => {
                "this server does not know the address: is waldur_api_url right? It may end in /api/ or not"
            }
            StatusCode::NOT_FOUND => {
                "does it exist, and may the token's user see it? Waldur answers the same to both"
            }
            _ => return self.cause().hint(),
        };
        Some(hint.to_owned())
    }

    /// Returns the whole story for an operator, in one line.
    pub fn why(&self) -> String {
        let story = format!("{self}: {}", self.cause().story());
        self.hint().map_or(story.clone(), |hint| format!("{story} ({hint})"))
    }
}
