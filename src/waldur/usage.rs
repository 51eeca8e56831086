//! Usage in Waldur: what is billed and how, what was reported before, and a report.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::wire::RESOURCE_FIELDS;
use super::{Client, Error, PAGE, one, parse, wire, with_fields};
use crate::model::usage::{Account, Amount, Billing, Month};
use crate::model::{ComponentName, OfferingUuid, Reading, ResourceUuid};

/// What was reported for a month last, by resource and component.
type Reported = BTreeMap<ResourceUuid, BTreeMap<ComponentName, Amount>>;

impl Client {
    /// Reads how an offering bills each of its components. One whose key is no name of ours can be none of ours.
    pub async fn billing(&self, offering: OfferingUuid) -> Result<BTreeMap<ComponentName, Billing>, Error> {
        let request = self.at(&["marketplace-provider-offerings", &offering.hex()]);
        let row: Offering = one(with_fields(request, &["components"]))
            .await
            .map_err(|source| Error::Components { offering, source })?;
        let name = |row: Component| Some((row.kind.parse().ok()?, billing(row.billing_type)));
        Ok(row.components.into_iter().filter_map(name).collect())
    }

    /// Reads the resources of an offering in every state, each with the components that Waldur shows as used.
    pub async fn accounts_of_usage(
        &self,
        offering: OfferingUuid,
    ) -> Result<Reading<BTreeMap<ResourceUuid, Account>>, Error> {
        let request = self.at(&["marketplace-provider-resources"]).query("offering_uuid", &offering.hex());
        let fields: Vec<&str> = RESOURCE_FIELDS.iter().copied().chain(["current_usages"]).collect();
        let listing = with_fields(request, &fields)
            .numbered_pages(PAGE)
            .await
            .map_err(|source| Error::Resources { offering, source })?;
        let (rows, holes) = parse::whole_list(listing, "resource", |row: &UsedResource| row.resource.uuid);
        let account = |row: UsedResource| {
            let shown = row.current_usages.map(|usages| {
                let names = usages.keys().filter_map(|name| name.parse().ok());
                names.collect::<BTreeSet<ComponentName>>()
            });
            let (uuid, resource) = parse::resource(row.resource);
            (uuid, Account { resource, shown })
        };
        let own = rows.into_iter().filter(|row| row.resource.offering_uuid == offering);
        Ok(parse::reading(own.map(account).collect(), holes))
    }

    /// Reads what was reported for a month, of all resources of an offering. Unknown filters are ignored in silence, so
    /// both are applied once more.
    pub async fn usages(&self, offering: OfferingUuid, month: Month) -> Result<Reading<Reported>, Error> {
        let request = self
            .at(&["marketplace-component-usages"])
            .query("offering_uuid", &offering.hex())
            .query("billing_period", &month.first_day().to_string());
        let listing = with_fields(request, USAGE_FIELDS)
            .numbered_pages(PAGE)
            .await
            .map_err(|source| Error::Usages { offering, source })?;
        let (mut rows, holes) = parse::whole_list(listing, "usage", |row: &Usage| row.uuid.clone());
        rows.retain(|row| row.offering_uuid == offering && row.billing_period == month.first_day());
        // A component has a row for each plan that the resource had in the month: the newest is the last report.
        rows.sort_by_key(|row| row.date);
        let mut reported = Reported::new();
        for row in rows {
            let Ok(component) = row.kind.parse() else { continue };
            reported.entry(row.resource_uuid).or_default().insert(component, row.amount);
        }
        Ok(parse::reading(reported, holes))
    }

    /// Reports what a resource uses of all its components in a month. Waldur replaces what it was told before, so it may
    /// be said twice.
    pub async fn report_usage(
        &self,
        resource: ResourceUuid,
        month: Month,
        amounts: &BTreeMap<ComponentName, Amount>,
    ) -> Result<(), Error> {
        let usages: Vec<Value> =
            amounts.iter().map(|(kind, amount)| json!({ "type": kind, "amount": amount })).collect();
        let body = json!({ "resource": resource.hex(), "date": month.date(), "usages": usages });
        let path = ["api", "marketplace-component-usages", "set_usage"];
        let sent = self.http.post(&path).slash().json(&body).idempotent().send().await;
        sent.map(drop).map_err(|source| Error::ReportUsage { resource, source })
    }
}

fn billing(word: String) -> Billing {
    match word.as_str() {
        "usage" => Billing::Usage,
        "limit" => Billing::Limit,
        _ => Billing::Other(word),
    }
}

/// An offering, as far as it says what it sells.
#[derive(Deserialize)]
struct Offering {
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(rename = "type")]
    kind: String,
    /// Empty where a server does not say it: that component alone is not reported then.
    #[serde(default)]
    billing_type: String,
}

/// A resource with what Waldur shows as used.
#[derive(Deserialize)]
struct UsedResource {
    #[serde(flatten)]
    resource: wire::Resource,
    #[serde(default)]
    current_usages: Option<BTreeMap<String, Value>>,
}

/// The fields of a usage that are asked for.
const USAGE_FIELDS: &[&str] =
    &["uuid", "resource_uuid", "offering_uuid", "type", "usage", "billing_period", "date"];

/// What was reported of one component. Here `resource_uuid` is the resource of the marketplace.
#[derive(Deserialize)]
struct Usage {
    uuid: String,
    resource_uuid: ResourceUuid,
    offering_uuid: OfferingUuid,
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "usage", deserialize_with = "amount")]
    amount: Amount,
    billing_period: jiff::civil::Date,
    #[serde(default)]
    date: Option<Timestamp>,
}

/// Waldur writes amounts as texts; its description promises numbers as well.
fn amount<'de, D: Deserializer<'de>>(source: D) -> Result<Amount, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Text(String),
        Number(serde_json::Number),
    }
    let text = match Form::deserialize(source)? {
        Form::Text(text) => text,
        Form::Number(number) => number.to_string(),
    };
    text.parse().map_err(serde::de::Error::custom)
}
