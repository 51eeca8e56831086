//! Who is asking: credentials that go with every request, and never anywhere else.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use memchr::memmem;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use super::error::Error;
use super::oauth::{Access, TokenSource};
use super::setup::SetupError;
use super::until::Until;

/// What stands in place of a secret.
const REDACTED: &str = "***";
/// A shorter secret is not looked for in texts: it would blacken half of them.
const SHORTEST: usize = 6;

/// Who is asking. `Debug` shows no secret.
#[derive(Debug, Clone, Default)]
pub enum Auth {
    /// Nobody in particular.
    #[default]
    None,
    /// Waldur's own scheme: `Authorization: Token ...`.
    Token(SecretString),
    /// A bearer token that does not change.
    Bearer(SecretString),
    /// A name and a password with every request.
    Basic {
        /// The name.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// Access tokens from an identity provider. May be shared by several clients.
    OAuth(Arc<TokenSource>),
}

/// `Auth` made ready to be sent.
#[derive(Debug)]
pub(super) enum Credentials {
    Fixed { header: Option<HeaderValue>, secrets: Vec<SecretString> },
    OAuth(Arc<TokenSource>),
}

/// What goes with one request.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) header: Option<HeaderValue>,
    access: Option<Access>,
}

// === impl Credentials ===

impl Credentials {
    pub(super) fn new(system: &str, auth: Auth) -> Result<Self, SetupError> {
        let bad = || SetupError::Credentials { system: system.to_owned() };
        let fixed = |value: String, secret: SecretString| {
            let header = sensitive(&value).ok_or_else(bad)?;
            Ok(Self::Fixed { header: Some(header), secrets: vec![secret] })
        };
        match auth {
            Auth::None => Ok(Self::Fixed { header: None, secrets: Vec::new() }),
            Auth::Token(secret) => fixed(format!("Token {}", secret.expose_secret()), secret),
            Auth::Bearer(secret) => fixed(format!("Bearer {}", secret.expose_secret()), secret),
            Auth::Basic { username, password } => fixed(basic(&username, &password), password),
            Auth::OAuth(source) => Ok(Self::OAuth(source)),
        }
    }

    /// Returns what the next request carries; may log in.
    pub(super) async fn current(&self, until: &Until) -> Result<Sent, Error> {
        match self {
            Self::Fixed { header, .. } => Ok(Sent { header: header.clone(), access: None }),
            Self::OAuth(source) => source.access(until).await.map(Sent::with),
        }
    }

    /// Returns what a refused request is worth repeating with, if anything is.
    pub(super) async fn renewed(&self, refused: &Sent, until: &Until) -> Result<Option<Sent>, Error> {
        match (self, &refused.access) {
            (Self::OAuth(source), Some(access)) => Ok(source.renewed(access, until).await?.map(Sent::with)),
            (Self::OAuth(_) | Self::Fixed { .. }, _) => Ok(None),
        }
    }

    /// Remembers that even a new token was refused, so that not every request logs in again.
    pub(super) async fn distrust(&self) {
        if let Self::OAuth(source) = self {
            source.distrust().await;
        }
    }

    /// Removes our own secrets from somebody else's text.
    pub(super) fn redact<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        match self {
            Self::Fixed { header: _, secrets } => redact(text, secrets),
            Self::OAuth(source) => source.redact(text),
        }
    }

    /// Returns how long the present access token lasts.
    pub(super) async fn lifetime(&self) -> Option<std::time::Duration> {
        match self {
            Self::Fixed { .. } => None,
            Self::OAuth(source) => source.lifetime().await,
        }
    }

    pub(super) fn requests_sent(&self) -> u64 {
        match self {
            Self::Fixed { .. } => 0,
            Self::OAuth(source) => source.requests_sent(),
        }
    }
}

// === impl Sent ===

impl Sent {
    fn with(access: Access) -> Self {
        Self { header: Some(access.header.clone()), access: Some(access) }
    }
}

/// Removes secrets from a text, also as a form or JSON would spell them: some servers repeat what they were sent. A text
/// without any is given back as it is: a page of a long list has megabytes.
pub(super) fn redact<'t, 'secret>(
    mut text: Cow<'t, str>,
    secrets: impl IntoIterator<Item = &'secret SecretString>,
) -> Cow<'t, str> {
    for secret in secrets.into_iter().map(ExposeSecret::expose_secret) {
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let json = serde_json::Value::from(secret).to_string();
        // Mostly they are the same.
        for spelled in BTreeSet::from([secret, form.as_str(), json.trim_matches('"')]) {
            text = blacken(text, spelled);
        }
    }
    text
}

/// Removes from a text what a header carried, whatever the scheme.
pub(super) fn redact_carried<'t>(text: Cow<'t, str>, header: Option<&HeaderValue>) -> Cow<'t, str> {
    match header.and_then(|value| value.to_str().ok()?.split_once(' ')) {
        Some((_scheme, carried)) => blacken(text, carried),
        None => text,
    }
}

fn blacken<'t>(text: Cow<'t, str>, secret: &str) -> Cow<'t, str> {
    if secret.len() >= SHORTEST && memmem::find(text.as_bytes(), secret.as_bytes()).is_some() {
        Cow::Owned(text.replace(secret, REDACTED))
    } else {
        text
    }
}

/// Makes a header that `Debug` does not show, and that HTTP/2 does not remember in its tables.
pub(super) fn sensitive(value: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(value).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// Returns the value of a `Basic` header.
pub(super) fn basic(username: &str, password: &SecretString) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{username}:{}", password.expose_secret())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basic_header_is_the_one_of_the_rfc() {
        // The example of RFC 7617, section 2.
        assert_eq!(basic("Aladdin", &"open sesame".into()), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }

    #[test]
    fn nothing_shows_a_secret() {
        let secret = || SecretString::from("hunter2hunter2");
        let all = [
            Auth::Token(secret()),
            Auth::Bearer(secret()),
            Auth::Basic { username: "ann".into(), password: secret() },
        ];
        for auth in all {
            let shown = format!("{auth:?}");
            let ready = format!("{:?}", Credentials::new("waldur", auth).unwrap());
            assert!(!shown.contains("hunter2") && !ready.contains("hunter2"), "{shown} {ready}");
            assert!(!ready.contains("aHVudGVy") && !ready.contains("aHVudGVyMmh1bnRlcjI"), "{ready}");
        }
    }

    #[test]
    fn a_secret_that_no_header_can_carry_is_a_mistake_in_the_configuration() {
        let error = Credentials::new("waldur", Auth::Token("line\nbreak".into())).unwrap_err();
        assert_eq!(error.to_string(), "waldur: the credentials contain a character that cannot be sent");
    }

    #[test]
    fn secrets_are_removed_from_texts_unless_they_are_mere_syllables() {
        let secrets = [SecretString::from("hunter2"), SecretString::from("a")];
        assert_eq!(redact("a token hunter2".into(), &secrets), "a token ***");
        let odd = [SecretString::from("p\"q &\\r")];
        assert_eq!(redact(r#"{"p":"p\"q &\\r"} p%22q+%26%5Cr"#.into(), &odd), r#"{"p":"***"} ***"#);
    }

    #[test]
    fn what_a_header_carried_is_removed_whatever_its_scheme() {
        let carried = HeaderValue::from_static("Basic YW5uOmh1bnRlcjI=");
        assert_eq!(
            redact_carried("you sent Basic YW5uOmh1bnRlcjI=".into(), Some(&carried)),
            "you sent Basic ***"
        );
        assert_eq!(redact_carried("nothing".into(), None), "nothing");
    }
}
