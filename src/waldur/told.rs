//! What is told of resources. Saying it twice does no harm, so it may be repeated; a server may not know how.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::orders::SIGNATURE;
use super::{Client, Error, is_missing, is_no_endpoint, one, with_fields};
use crate::http::StatusCode;
use crate::model::ResourceUuid;
use crate::model::told;
use crate::model::world::Capability;

/// How far somebody has access, by Waldur's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Of which kind of grant: those of a whole resource.
    pub scope_type: &'static str,
    /// Who, by Waldur's UUID.
    pub user_uuid: String,
    /// As what they should have it, in Waldur's words.
    pub role_name: String,
    /// `synced`, `pending`, `missing_in_idp` or `error`.
    pub state: &'static str,
    /// What is to be said of it.
    pub message: String,
}

/// Returns the notes of agents among a resource's metadata; nothing if that is no dictionary: then it is somebody else's.
pub(super) fn notes(metadata: &Value) -> Option<BTreeMap<String, String>> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let all = metadata.as_object()?.iter().filter(|(key, _)| told::is_an_agents(key));
    Some(all.map(|(key, value)| (key.clone(), text(value))).collect())
}

/// Returns whether an offering's options say that Waldur wants to be told how far each person has access.
pub(super) fn wants_statuses(options: &Value) -> bool {
    options.get("enable_membership_sync_status").and_then(Value::as_bool) == Some(true)
}

#[derive(serde::Deserialize)]
struct Row {
    #[serde(default)]
    backend_metadata: Option<Value>,
}

impl Client {
    /// Reads all that is noted on a resource, by whomever; nothing if there is no such resource, or no notes of the usual
    /// kind.
    pub async fn metadata(&self, resource: ResourceUuid) -> Result<Option<Map<String, Value>>, Error> {
        let request = self.at(&["marketplace-provider-resources", &resource.hex()]);
        match one::<Row>(with_fields(request, &["uuid", "backend_metadata"])).await {
            Ok(Row { backend_metadata: Some(Value::Object(all)) }) => Ok(Some(all)),
            Ok(_) => Ok(None),
            Err(error) if is_missing(&error) => Ok(None),
            Err(source) => Err(Error::Resource { resource, source }),
        }
    }

    /// Replaces all that is noted on a resource.
    pub async fn set_metadata(
        &self,
        resource: ResourceUuid,
        metadata: &Map<String, Value>,
    ) -> Result<(), Error> {
        self.tell(resource, Capability::SetBackendMetadata, &json!({ "backend_metadata": metadata })).await
    }

    /// Says that something is wrong with a resource. To be called only while nothing is ordered for it: Waldur does not
    /// look.
    pub async fn set_as_erred(&self, resource: ResourceUuid, message: &str) -> Result<(), Error> {
        let words = json!({ "error_message": message, "error_traceback": SIGNATURE });
        self.tell(resource, Capability::SetAsErred, &words).await
    }

    /// Says that nothing is wrong with a resource any more, and takes the words for it away.
    pub async fn set_as_ok(&self, resource: ResourceUuid) -> Result<(), Error> {
        self.tell(resource, Capability::SetAsOk, &json!({})).await
    }

    /// Says that a resource was looked at just now.
    pub async fn refresh_last_sync(&self, resource: ResourceUuid) -> Result<(), Error> {
        self.tell(resource, Capability::RefreshLastSync, &json!({})).await
    }

    /// Says how far everybody has access; of whom nothing is said, nothing is shown any more.
    pub async fn set_statuses(&self, resource: ResourceUuid, statuses: &[Status]) -> Result<(), Error> {
        self.tell(resource, Capability::SetMembershipSyncStatuses, &json!({ "statuses": statuses })).await
    }

    async fn tell(&self, resource: ResourceUuid, what: Capability, body: &Value) -> Result<(), Error> {
        let path = ["api", "marketplace-provider-resources", &resource.hex(), what.as_str()];
        let sent = self.http.post(&path).slash().json(body).idempotent().send().await;
        sent.map(drop).map_err(|source| Error::Tell { resource, what, source })
    }
}

impl Error {
    /// Returns what this Waldur cannot be told, if that is all that is wrong: it does not know how, or not from us, or it
    /// does not want to know.
    pub fn lacking(&self) -> Option<Capability> {
        let Self::Tell { resource: _, what, source } = self else { return None };
        let is_unwanted = match what {
            // Staff's alone in 2024.
            Capability::SetAsErred => source.status() == Some(StatusCode::FORBIDDEN),
            // The offering has not opted in.
            Capability::SetMembershipSyncStatuses => source.status() == Some(StatusCode::CONFLICT),
            Capability::SetBackendMetadata | Capability::SetAsOk | Capability::RefreshLastSync => false,
        };
        (is_unwanted || is_no_endpoint(source)).then_some(*what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_notes_of_agents_are_kept_and_only_of_a_dictionary() {
        let metadata =
            json!({ "rancher_role": "member", "users": [], "state": "OK", "kubeconfig": "secret" });
        let kept = notes(&metadata).unwrap();
        let kept: Vec<_> = kept.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(kept, [("rancher_role", "member"), ("users", "[]")]);
        assert_eq!(notes(&json!(["rancher_role"])), None);
        assert_eq!(notes(&Value::Null), None);
    }

    #[test]
    fn an_option_of_another_shape_is_no_wish() {
        for (options, wanted) in [
            (json!({ "enable_membership_sync_status": true }), true),
            (json!({ "enable_membership_sync_status": "yes" }), false),
            (json!({}), false),
            (json!([]), false),
        ] {
            assert_eq!(wants_statuses(&options), wanted, "{options}");
        }
    }
}
