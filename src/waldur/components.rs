//! The components of an offering: what Waldur keeps of each, and how that is changed.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Client, Error, one, with_fields};
use crate::model::offered::{Components, Offered};
use crate::model::{ComponentName, OfferingUuid};

impl Client {
    /// Reads the components of an offering, with everything that the server shows of them.
    pub async fn components(&self, offering: OfferingUuid) -> Result<Components, Error> {
        let request = self.at(&["marketplace-provider-offerings", &offering.hex()]);
        let row: Row = one(with_fields(request, &["components"]))
            .await
            .map_err(|source| Error::Components { offering, source })?;
        Ok(offered(row.components))
    }

    /// Makes a component. It is asked for once: a second one of a key makes the server of 2024 fall over (500).
    pub async fn create_component(
        &self,
        offering: OfferingUuid,
        component: &ComponentName,
        fields: Map<String, Value>,
    ) -> Result<(), Error> {
        let fields = with_key(fields, component);
        self.component_action(offering, component, "create_offering_component", fields).await
    }

    /// Changes a component. Newer servers want its key, name and kind of billing in each change, whatever else it is.
    pub async fn update_component(
        &self,
        offering: OfferingUuid,
        (component, uuid): (&ComponentName, Uuid),
        fields: Map<String, Value>,
    ) -> Result<(), Error> {
        let mut fields = with_key(fields, component);
        fields.insert("uuid".to_owned(), uuid.simple().to_string().into());
        self.component_action(offering, component, "update_offering_component", fields).await
    }

    async fn component_action(
        &self,
        offering: OfferingUuid,
        component: &ComponentName,
        action: &'static str,
        body: Map<String, Value>,
    ) -> Result<(), Error> {
        let path = ["api", "marketplace-provider-offerings", &offering.hex(), action];
        let sent = self.http.post(&path).slash().json(&Value::Object(body)).send().await;
        let component = component.clone();
        sent.map(drop).map_err(|source| Error::ComponentAction { offering, component, action, source })
    }
}

/// Returns components as they are shown.
pub(super) fn offered(rows: Vec<Component>) -> Components {
    let offered = |Component { uuid, kind, fields }| (kind, Offered { uuid, fields });
    rows.into_iter().map(offered).collect()
}

fn with_key(mut fields: Map<String, Value>, component: &ComponentName) -> Map<String, Value> {
    fields.insert("type".to_owned(), component.as_str().into());
    fields
}

/// An offering, as far as it says what it sells.
#[derive(Deserialize)]
struct Row {
    components: Vec<Component>,
}

/// A component, with everything that is said of it.
#[derive(Deserialize)]
pub(super) struct Component {
    #[serde(default)]
    uuid: Option<Uuid>,
    #[serde(rename = "type")]
    kind: String,
    #[serde(flatten)]
    fields: BTreeMap<String, Value>,
}
