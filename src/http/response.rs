//! A success whose whole body has been read, and the judgement that tells it from everything else.

use std::borrow::Cow;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use serde::de::{DeserializeOwned, Error as _};
use serde_json::Value;
use url::Url;

use super::error::{Call, Error, Refusal};
use super::redact::{self, Showable};
use super::retry::retry_after;
use super::text;
use super::transport::Incoming;

/// How many characters of a body an error keeps.
const KEPT: usize = 4 * 1024;
/// How many bytes around an offending place are shown.
const REACH: usize = 80;

/// What is said of an answer in place of its words.
pub(super) const UNSHOWN: &str = "it repeats our credentials, so nothing of it is shown";

/// A success. Its body may be empty: Waldur answers so to most actions.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status, a 2xx.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    pub(super) call: Call,
    /// Whether the body repeats credentials of ours: then errors show nothing of it.
    pub(super) repeats_secrets: bool,
}

// === impl Response ===

impl Response {
    /// Returns what was asked.
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// Reads the body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|source: serde_json::Error| {
            if self.repeats_secrets {
                let source = serde_json::Error::custom(UNSHOWN);
                return Error::Decode { call: Box::new(self.call.clone()), near: "…".to_owned(), source };
            }
            let place = text::offset(&self.body, source.line(), source.column());
            Error::Decode {
                call: Box::new(self.call.clone()),
                near: redact::structure(&self.body, place, REACH),
                source: redact::misfit(&source),
            }
        })
    }

    /// Returns a header's value, if it is plain text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the last segment of the `Location` of something new. Its host and path may be another's, behind a proxy.
    pub fn created_id(&self) -> Option<&str> {
        let location = self.header(LOCATION.as_str())?;
        let path = location.split(['?', '#']).next()?;
        path.trim_end_matches('/').rsplit('/').next().filter(|id| !id.is_empty())
    }
}

/// Tells a success from a refusal, a redirect and a web page. Of a refusal that is kept which may be shown; `known`
/// removes known secrets from it, too.
pub(super) fn judge(
    call: &Call,
    answer: Incoming,
    listed: Showable,
    known: impl for<'t> Fn(Cow<'t, str>) -> Cow<'t, str>,
) -> Result<Response, Error> {
    let Incoming { status, headers, body, certificate: _ } = answer;
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let web_page = text::is_web_page(content_type, &body);
    let call = || Box::new(call.clone());
    if status.is_success() {
        if web_page {
            return Err(Error::Html { call: call() });
        }
        let said = text::lossy(&body);
        // What comes back as it was has nothing of ours in it.
        let repeats_secrets = matches!(known(Cow::Borrowed(&said)), Cow::Owned(_));
        drop(said);
        return Ok(Response { status, headers, body, call: *call(), repeats_secrets });
    }
    if let Some(location) = headers.get(LOCATION).filter(|_| status.is_redirection()) {
        let location = String::from_utf8_lossy(location.as_bytes());
        return Err(Error::Redirect {
            call: call(),
            status,
            location: known(where_to(&location).into()).into_owned(),
        });
    }
    let said = known(text::lossy(&body));
    let refusal = Refusal {
        status,
        excerpt: text::excerpt(redact::explanation(&said, listed).as_bytes(), KEPT),
        json: serde_json::from_str::<Value>(&said).ok(),
        content_type: content_type.map(str::to_owned),
        retry_after: retry_after(&headers),
        web_page,
    };
    Err(Error::Status { call: call(), refusal: Box::new(refusal) })
}

/// Shows where a redirect leads, without a query: a login page's query holds state that is nobody's business.
fn where_to(location: &str) -> String {
    let bare = location.split(['?', '#']).next().unwrap_or_default();
    let mut shown = bare.to_owned();
    if let Ok(mut url) = Url::parse(bare) {
        // Refused only where there is no host, and so nothing to hide.
        let _ = (url.set_username(""), url.set_password(None));
        url.as_str().clone_into(&mut shown);
    }
    text::excerpt(shown.as_bytes(), 200)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use reqwest::Method;

    use super::*;

    fn answer(
        status: u16,
        headers: &[(&'static str, &'static str)],
        body: &'static str,
    ) -> Result<Response, Error> {
        let call =
            Call { system: Arc::from("waldur"), method: Method::GET, path: "/api/".into(), unsure: false };
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let status = StatusCode::from_u16(status).unwrap();
        let body = Bytes::from_static(body.as_bytes());
        judge(&call, Incoming { status, headers, body, certificate: None }, &[], |text| {
            if text.contains("s3cret") { text.replace("s3cret", "***").into() } else { text }
        })
    }

    #[test]
    fn an_empty_success_is_a_success() {
        assert_eq!(answer(200, &[], "").unwrap().body, Bytes::new());
    }

    #[test]
    fn a_web_page_is_no_success_whatever_its_status() {
        let error = answer(200, &[("content-type", "text/html")], "<p>log in").unwrap_err();
        assert!(matches!(error, Error::Html { .. }), "{error}");
        assert_eq!(error.hint().unwrap(), "is a proxy or a login page in between?");
    }

    #[test]
    fn an_unexpected_shape_is_shown_with_its_place() {
        type Rows = BTreeMap<String, Vec<BTreeMap<String, String>>>;
        let response = answer(200, &[], "{\"rows\":[{\"name\":\"a\"},{\"name\":5}]}").unwrap();
        let error = response.json::<Rows>().unwrap_err();
        assert!(error.to_string().contains("{\\\"name\\\":…"), "{error}");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("line 1 column 31"), "{source}");
        assert!(!error.to_string().contains("column"), "the source is printed once, at the edge");
    }

    #[test]
    fn a_success_that_repeats_a_secret_is_not_shown_where_it_cannot_be_read() {
        let response = answer(200, &[], "{\"name\":\"s3cret\"}").unwrap();
        let error = response.json::<BTreeMap<String, u8>>().unwrap_err();
        assert!(!error.story().contains("s3cret"), "{}", error.story());
        assert!(response.json::<BTreeMap<String, String>>().is_ok(), "what can be read is read");
    }

    #[test]
    fn a_refusal_keeps_its_words_but_no_secret() {
        let error = answer(400, &[("content-type", "application/json")], "{\"detail\":\"no s3cret\\u0007\"}")
            .unwrap_err();
        let refusal = error.refusal().unwrap();
        assert_eq!(refusal.said("detail"), Some("no ***\u{7}"));
        assert_eq!(error.to_string(), "waldur: GET /api/: 400 Bad Request: {\"detail\":\"no ***\\u0007\"}");
    }

    #[test]
    fn a_redirect_says_where_to_but_not_its_query() {
        let error = answer(302, &[("location", "https://u:p@sso.example/login?state=abc")], "").unwrap_err();
        assert_eq!(error.to_string(), "waldur: GET /api/: the server redirects to https://sso.example/login");
        assert_eq!(error.status(), Some(StatusCode::FOUND));
    }

    #[test]
    fn the_id_of_something_new_is_the_last_part_of_its_location() {
        let made = |location| answer(201, &[("location", location)], "").unwrap();
        assert_eq!(made("https://inner:8443/admin/realms/r/groups/6f1c").created_id(), Some("6f1c"));
        assert_eq!(made("/groups/6f1c/").created_id(), Some("6f1c"));
        assert_eq!(answer(201, &[], "").unwrap().created_id(), None);
    }
}
