//! Nothing that is not listed is shown, whatever a server sends.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const LISTED: Showable = &[
    ("amount", Form::Amount),
    ("date", Form::Date),
    ("inside", Form::Inside),
    ("sentence", Form::Sentence),
    ("state", Form::Word),
    ("uuid", Form::Id),
];

/// What must never be shown, in every form in which it might come.
const PRIVATE: &[&str] = &[
    "Ada Lovelace",
    "Zoë",
    "Lovelace, Ada",
    "ada.lovelace",
    "ada@example.org",
    "Ada <ada@example.org>",
    "+372 5551 2345",
    "hunter2",
    "correct horse battery staple",
    "token-abcde:x7kq2m9vdl4t8",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln",
    "0123456789abcdef0123456789abcdef01234567",
    "47101010033",
    "A1:B2:C3",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
    "https://ada:hunter2@example.org/",
];

#[test]
fn a_value_is_shown_in_its_form_only() {
    for (form, shown) in [
        (Form::Word, &["OK", "pending-provider", "NotFound", "unauthorized_client"][..]),
        (Form::Id, &["0ff00000000000000000000000000001", "12345678-1234-5678-9abc-123456789012", "local"]),
        (Form::Id, &["c-m-7k2xq4vd:p-abcde", "c-abcde", "prtb-x7kq2", "rt-abc12"]),
        (Form::Amount, &["8", "-1", "32Gi", "500m", "1.50", "1e3"]),
        (Form::Date, &["2026-11-01", "2026-11-01T12:00:00Z"]),
    ] {
        for text in shown {
            assert!(form.fits(text), "{form:?} {text:?}");
        }
        for text in PRIVATE.iter().filter(|text| **text != "47101010033" || form != Form::Amount) {
            assert!(!form.fits(text), "{form:?} {text:?}");
        }
    }
    for text in PRIVATE {
        assert!(!Form::Sentence.fits(text) && !Form::Inside.fits(text));
    }
}

#[test]
fn what_is_not_listed_is_counted_and_not_shown() {
    let sent = json!({
        "state": "OK", "uuid": "0ff00000000000000000000000000001", "amount": [1, "2Gi"], "email": "ada@example.org",
        "inside": { "state": "Ada Lovelace", "amount": "hunter2", "ada@example.org": true, "deeper": { "state": "OK" } },
        "sentence": "Ada Lovelace may not do this", "phone": 47_101_010_033_u64, "date": false,
    });
    assert_eq!(
        body(sent.to_string().as_bytes(), LISTED),
        r#"{"amount":[1,"2Gi"],"date":false,"inside":{"amount":"…","state":"…","…":2},"sentence":"…","state":"OK","uuid":"0ff00000000000000000000000000001","…":2}"#
    );
    assert_eq!(body(b"\"ada\"", LISTED), "\"\u{2026}\"");
    assert_eq!(body(b"grant_type=password&password=hunter2", LISTED), "36 bytes");
    assert_eq!(body(json!(vec![1; 12]).to_string().as_bytes(), LISTED).matches('…').count(), 11);
}

#[test]
fn paths_and_queries_name_nobody() {
    for (whole, shown) in [
        ("/admin/realms/waldur/users/f:1:ada/groups/9", "/admin/realms/waldur/users/…/groups/9"),
        ("/v3/users/u-abcde", "/v3/users/…"),
        ("/v3/users", "/v3/users"),
        ("/api/users/me/", "/api/users/me/"),
        ("/api/marketplace-offering-users/", "/api/marketplace-offering-users/"),
    ] {
        assert_eq!(path(whole), shown);
    }
    assert_eq!(
        query("username=ada&state=OK&amount=2&uuid=ada", LISTED).as_deref(),
        Some("state=OK&amount=2")
    );
    assert_eq!(query("username=ada", LISTED), None);
}

#[test]
fn a_refusal_explains_itself_and_says_nothing_else() {
    for (body, shown) in [
        (
            r#"{"detail":"No Offering matches the given query."}"#,
            r#"{"detail":"No Offering matches the given query."}"#,
        ),
        (
            r#"{"state":["\"x\" is no state."],"email":["ada@example.org is taken"]}"#,
            r#"{"state":["\"x\" is no state."],"…":1}"#,
        ),
        (r#"["ada@example.org is taken"]"#, r#"["… is taken"]"#),
        (
            r#"{"code":"NotFound","status":404,"user":{"name":"Ada"},"personal":47101010033}"#,
            r#"{"code":"NotFound","status":404,"…":2}"#,
        ),
        (r#"{"message":{"user":"Ada"},"detail":47101010033}"#, r#"{"detail":"…","message":{"…":1}}"#),
        ("404 page not found\n", "404 page not found"),
        ("Ada Lovelace's password is hunter2", "34 bytes that are no JSON"),
        (" ", ""),
    ] {
        assert_eq!(explanation(body, LISTED), shown);
    }
}

#[test]
fn a_sentence_keeps_its_words_without_addresses_and_secrets() {
    for (whole, shown) in [
        ("user <ada@example.org> exists", "user <…> exists"),
        ("projects \"c-m-7k2xq4vd:p-abcde\" not found", "projects \"c-m-7k2xq4vd:p-abcde\" not found"),
        ("order 0de50000000000000000000000000001", "order 0de50000000000000000000000000001"),
        ("token=0123456789abcdef0123456789abcdef01234567;", "token=…;"),
        ("token-abcde:x7kq2m9vdl4t8x7kq2m9vdl4t8 expired", "token-abcde:… expired"),
        ("got Bearer eyJhbGciOiJub25l.eyJzdWIiOiJhZGEifQ. here", "got Bearer … here"),
        ("at https://ada:hunter2@example.org/ now", "at … now"),
        ("@ and a@", "@ and a@"),
    ] {
        assert_eq!(impersonal(whole), shown);
    }
}

#[test]
fn a_misfit_does_not_repeat_what_does_not_fit() {
    #[derive(Debug, serde::Deserialize)]
    enum State {
        Ok,
    }
    let whole = |text: &str| misfit(&serde_json::from_str::<Vec<u8>>(text).unwrap_err()).to_string();
    assert_eq!(whole("[\"Ada \\\"L\\\"\"]"), "invalid type: string \"…\", expected u8 at line 1 column 12");
    assert_eq!(whole("[47101010033]"), "invalid value: integer `…`, expected u8 at line 1 column 12");
    let state = |text: &str| misfit(&serde_json::from_str::<State>(text).unwrap_err()).to_string();
    assert!(
        state("\"Fresh\"").starts_with("unknown variant `Fresh`, expected `Ok`"),
        "{}",
        state("\"Fresh\"")
    );
    assert!(state("\"Ada Lovelace\"").starts_with("unknown variant `…`, expected `Ok`"));
}

#[test]
fn a_structure_has_keys_and_no_values() {
    let body = br#"{"rows": [{"name": "Ada \"L\"", "ada@example.org": 5, "on": true}, 7]} Ada"#;
    assert_eq!(structure(body, 0, 1000), "{\"rows\":[{\"name\":\"…\",\"…\":…,\"on\":true},…]}…");
    assert_eq!(structure(body, 12, 3), "[{\"name\"");
    assert_eq!(structure(b"Ada Lovelace", 3, 80), "……");
    assert_eq!(structure(b"\"open", 3, 80), "…");
}

/// Any JSON with private texts in it: as values, as keys, under listed keys and others, at any depth.
fn hostile() -> impl Strategy<Value = Value> {
    let private = prop::sample::select(PRIVATE).prop_map(Value::from);
    let leaf = prop_oneof![private, any::<bool>().prop_map(Value::from), Just(Value::Null)];
    let listed = LISTED.iter().map(|(name, _)| *name).filter(|name| *name != "amount");
    let keys: Vec<&str> =
        PRIVATE.iter().copied().chain(listed).chain(["email", "password", "name"]).collect();
    leaf.prop_recursive(4, 64, 8, move |inner| {
        let key = prop::sample::select(keys.clone()).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..14).prop_map(Value::from),
            prop::collection::hash_map(key, inner, 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn shows(shown: &str) -> Option<&'static str> {
    PRIVATE.iter().copied().find(|private| shown.contains(private))
}

proptest! {
    #[test]
    fn nothing_private_is_shown_of_any_body(value in hostile(), cut in any::<prop::sample::Index>()) {
        let text = value.to_string();
        prop_assert_eq!(shows(&body(text.as_bytes(), LISTED)), None);
        prop_assert_eq!(shows(&structure(text.as_bytes(), cut.index(text.len()), 80)), None);
        // What ends in the middle.
        let half = &text.as_bytes()[..cut.index(text.len())];
        prop_assert_eq!(shows(&body(half, LISTED)), None);
        prop_assert_eq!(shows(&structure(half, half.len(), 80)), None);
    }

    #[test]
    fn whatever_a_body_is_it_can_be_told(bytes in prop::collection::vec(any::<u8>(), 0..200), place in 0_usize..300) {
        let _ = (body(&bytes, LISTED), structure(&bytes, place, 80));
        let _ = explanation(&String::from_utf8_lossy(&bytes), LISTED);
    }
}
