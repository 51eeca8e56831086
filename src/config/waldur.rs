//! How an offering's Waldur is reached: what the offering says itself, else what the document says for all.

use std::collections::BTreeSet;

use secrecy::SecretString;

use super::address::{address, server, tls};
use super::connections::{WaldurAuth, WaldurConnection};
use super::entry::Entry;
use super::secret::Hidden;
use super::section::Section;
use crate::model::OfferingUuid;

const URL: &str = "write Waldur's address, such as https://waldur.example.com/api/";

/// Reads the connection of one offering.
pub(super) fn connection(
    offering: &Section<'_>,
    shared: Option<&Section<'_>>,
    proxy: Option<SecretString>,
    uuid: Option<OfferingUuid>,
) -> Option<WaldurConnection> {
    let url = first(offering, &["waldur_api_url"], shared, &["api_url"]).required(URL);
    let url = server(&url, Some("/api"), URL);
    let auth = auth(offering, shared);
    let verify = first(offering, &["verify_ssl"], shared, &["verify_ssl"]);
    let ca = first(offering, &["waldur_ca_file"], shared, &["waldur_ca_file", "ca_file"]);
    let tls = tls(&verify, &ca, "Waldur's");
    let (url, _) = url?;
    Some(WaldurConnection { url, auth: auth?, tls, proxy, offerings: BTreeSet::from([uuid?]) })
}

fn auth(offering: &Section<'_>, shared: Option<&Section<'_>>) -> Option<WaldurAuth> {
    let reader = offering.reader;
    let hidden = |what, variable, own: &str, common: &str| {
        let place = Hidden::new(what, variable).or_at(&[(offering, own)]);
        match shared {
            Some(shared) => place.or_at(&[(shared, common)]),
            None => place,
        }
    };
    let token = hidden("Waldur's API token", Some("AGENT_WALDUR_TOKEN"), "waldur_api_token", "token");
    let token_url = first(offering, &["oidc_token_url"], shared, &["oidc_token_url"]);
    let client_id = first(offering, &["oidc_client_id"], shared, &["oidc_client_id"]);
    let secret = hidden("the OIDC client's secret", None, "oidc_client_secret", "oidc_client_secret");
    let oidc = token_url.is_set() || client_id.is_set() || secret.is_set(reader);
    if !oidc || token.is_set(reader) {
        if oidc {
            token_url.note("an API token is there too, and it is used", "remove the token to use OIDC");
        }
        return token.required(reader).map(WaldurAuth::Token);
    }
    let hint = "OIDC needs `oidc_token_url`, `oidc_client_id` and `oidc_client_secret`";
    let token_url = address(&token_url.required(hint), hint);
    let client_id = client_id.required(hint).text();
    let client_secret = secret.required(reader);
    Some(WaldurAuth::Oidc {
        token_url: token_url?.into(),
        client_id: client_id?,
        client_secret: client_secret?,
    })
}

/// Returns what the offering says itself, else what all share; what nobody says is missing where all would share it.
fn first<'a>(
    offering: &Section<'a>,
    own: &[&str],
    shared: Option<&Section<'a>>,
    common: &[&str],
) -> Entry<'a> {
    let entry = offering.either(own);
    match shared {
        Some(shared) if !entry.is_set() && !entry.misspelled => shared.either(common),
        _ => entry,
    }
}
