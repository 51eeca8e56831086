//! Users: two kinds of comparison, the rule about service accounts, and single users.

use serde_json::{Value, json};

use super::town::{Answer, Row, Town, check, error, row};

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    vec![
        row("users are sorted, lower-case, the disabled among them, service accounts not", "GET users", 200, Answer::Names(&["ann", "bob", "cy_d", "dee"])),
        row("users are full by default", "GET users?max=1", 200, Answer::At("/0/totp", json!(false))),
        row("users are brief when asked", "GET users?max=1&briefRepresentation=true", 200, Answer::Absent("/0/totp")),
        row("a page of users", "GET users?first=1&max=2", 200, Answer::Names(&["bob", "cy_d"])),
        row("max=0 is nobody", "GET users?max=0", 200, Answer::Text("[]")),
        row("a field matches a part", "GET users?username=NN", 200, Answer::Names(&["ann"])),
        row("exact is the whole, in any case", "GET users?username=ANN&exact=true", 200, Answer::Names(&["ann"])),
        row("exact is not a part", "GET users?username=an&exact=true", 200, Answer::Text("[]")),
        row("no match is an empty list", "GET users?username=who&exact=true", 200, Answer::Text("[]")),
        row("an address", "GET users?email=bob%40example.org&exact=true", 200, Answer::Names(&["bob"])),
        row("two fields must both hold", "GET users?email=bob&username=ann", 200, Answer::Text("[]")),
        row("a first name", "GET users?firstName=an", 200, Answer::Names(&["ann"])),
        row("a last name", "GET users?lastName=ALD", 200, Answer::Names(&["ann"])),
        row("a star is literal in a field", "GET users?username=a*n", 200, Answer::Text("[]")),
        row("an underscore is a wildcard in a field", "GET users?email=b_b", 200, Answer::Names(&["bob"])),
        row("and not in a whole one", "GET users?username=b_b&exact=true", 200, Answer::Text("[]")),
        row("a search is a beginning", "GET users?search=ald", 200, Answer::Names(&["ann"])),
        row("a search is not a part", "GET users?search=lder", 200, Answer::Text("[]")),
        row("a star is a wildcard in a search", "GET users?search=a*r", 200, Answer::Names(&["ann"])),
        row("quotes want the whole", "GET users?search=%22an%22", 200, Answer::Text("[]")),
        row("quotes find the whole", "GET users?search=%22ANN%22", 200, Answer::Names(&["ann"])),
        row("exact does not touch a search", "GET users?search=al&exact=true", 200, Answer::Names(&["ann"])),
        row("all terms of a search must hold", "GET users?search=ann%20bob", 200, Answer::Text("[]")),
        row("a search by id", "GET users?search=id:u-bob", 200, Answer::Names(&["bob"])),
        row("a search leaves service accounts out", "GET users?search=service", 200, Answer::Text("[]")),
        row("a field shows them", "GET users?username=service-account-hasty&exact=true", 200, Answer::Names(&["service-account-hasty"])),
        row("the disabled", "GET users?enabled=false", 200, Answer::Names(&["cy_d"])),
        row("an attribute", "GET users?q=team:x", 200, Answer::Names(&["bob"])),
        row("nobody has another identity", "GET users?idpAlias=x&idpUserId=y", 200, Answer::Text("[]")),
        row("the count is a bare number", "GET users/count", 200, Answer::Text("4")),
        row("the count of a search", "GET users/count?search=ann", 200, Answer::Text("1")),
        row("a list says only who may be managed", "GET users?max=1", 200, Answer::At("/0/access", json!({"manage": true}))),
        row("which 24 said in full", "GET users?max=1", 200, Answer::At("/0/access/view", json!(true))).on("24.0.5"),
        row("one user", "GET users/u-ann", 200, Answer::Text(r#"{"id":"u-ann","username":"ann","firstName":"Ann","lastName":"Alder","email":"ann@example.org","emailVerified":false,"enabled":true,"createdTimestamp":1793491200000,"totp":false,"disableableCredentialTypes":[],"requiredActions":[],"notBefore":0,"access":{"manageGroupMembership":true,"resetPassword":true,"view":true,"mapRoles":true,"impersonate":false,"manage":true}}"#)),
        row("an unknown user", "GET users/who", 404, error("User not found")),
    ]
}

// Its rows show the time at which the server began.
#[tokio::test(start_paused = true)]
async fn every_listing_of_users_answers_as_the_real_one() {
    check(rows()).await;
}

#[tokio::test]
async fn users_come_a_hundred_at_a_time_unless_told_otherwise() {
    let town = Town::new("26.7.1");
    for number in 0..120 {
        town.meddle(&json!({"act": "add-user", "realm": "t1", "username": format!("n{number:03}")}));
    }
    for (query, rows) in [("", 100), ("?max=-1", 124), ("?first=120", 4), ("?max=110", 110)] {
        assert_eq!(town.get(&format!("users{query}")).await.names().len(), rows, "{query}");
        if query != "?first=120" {
            let members = town.get(&format!("groups/g-3/members{query}")).await.names().len();
            assert_eq!(members, rows.min(120), "members{query}");
        }
    }
}

#[tokio::test]
async fn somebody_made_anew_has_a_new_id() {
    let town = Town::new("26.7.1");
    town.meddle(&json!({"act": "delete-user", "realm": "t1", "username": "bob"}));
    town.meddle(&json!({"act": "add-user", "realm": "t1", "username": "Bob"}));
    let found = town.get("users?username=bob&exact=true").await.json();
    assert_eq!(found[0]["username"], "bob");
    assert_ne!(found[0]["id"], "u-bob");
}

#[tokio::test]
async fn the_snapshot_tells_no_secret() {
    let town = Town::new("26.7.1");
    let token = town.token_of("admin").await;
    let text = town.snapshot().to_string();
    assert!(!text.contains("\"pw\"") && !text.contains("secret") && !text.contains(&token), "{text}");
    assert!(text.contains("/c_one/project_a"));
}

#[tokio::test]
async fn meddling_says_what_cannot_be_done() {
    let town = Town::new("26.7.1");
    let try_it = |act: Value| {
        let act = serde_json::from_value(act).map_err(|error| error.to_string())?;
        town.state.lock().unwrap().meddle(act)
    };
    let group = |name: &str| json!({"act": "delete-group", "realm": "t1", "group_name": name});
    assert_eq!(try_it(group("who")), Err("no group who".to_owned()));
    assert_eq!(try_it(group("project_a")), Err("2 groups are called project_a".to_owned()));
    assert_eq!(try_it(group("/c_two/project_a")), Ok(()));
    assert_eq!(try_it(json!({"act": "revoke-tokens", "realm": "who"})), Err("no realm who".to_owned()));
    assert!(try_it(json!({"act": "revoke-tokens", "realm": "t1", "typo": 1})).is_err());
}
