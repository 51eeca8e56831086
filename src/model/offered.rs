//! What an offering sells, component by component, as Waldur keeps it.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

/// The components of an offering, by their keys.
pub type Components = BTreeMap<String, Offered>;

/// One component.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Offered {
    /// By what Waldur knows it; a server that does not say it lets nobody change it.
    pub uuid: Option<Uuid>,
    /// Everything that the server shows of it, as it shows it.
    pub fields: BTreeMap<String, Value>,
}
