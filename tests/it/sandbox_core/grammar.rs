//! The grammar of faults, as a table.

use agent::sandbox::Fault;
use serde_json::json;

#[test]
fn a_fault_reads_back_as_it_is_written() {
    let written = [
        "rancher POST /v3/projects #2 reset-after",
        "keycloak * /admin/* 10% status 503",
        "waldur GET * #3..5 status 429 retry-after 2",
        "* * * #3.. status 500 html",
        "* DELETE */members/* 0.5% seed 7 status 502 retry-after 1 html",
        "waldur GET /api/x/?page=2* html",
        "waldur * * empty",
        "waldur * * truncate",
        "waldur * * hang",
        "waldur * * hang-after",
        "waldur * * reset-before",
        "waldur * * delay 500ms",
        "waldur * * 100% delay 2s",
        "waldur * * 12.3456% delay 7us",
        "waldur * * duplicate-rows",
        "waldur PATCH * unauthorized",
    ];
    for text in written {
        let fault: Fault = text.parse().unwrap();
        assert_eq!(fault.to_string(), text);
        let spelled = serde_json::to_value(&fault).unwrap();
        assert_eq!(serde_json::from_value::<Fault>(spelled).unwrap(), fault, "{text} as JSON");
        assert_eq!(serde_json::from_value::<Fault>(json!(text)).unwrap(), fault, "{text} as a JSON string");
    }
}

#[test]
fn a_fault_may_be_written_more_loosely() {
    for (loose, strict) in [
        ("  rancher  post /v3/projects   always hang ", "rancher POST /v3/projects hang"),
        ("RANCHER * * #3..3 hang", "rancher * * #3 hang"),
        ("rancher * * 10.50% seed 0 hang", "rancher * * 10.5% hang"),
        ("rancher * * delay 60000ms", "rancher * * delay 1m"),
    ] {
        assert_eq!(loose.parse::<Fault>().unwrap().to_string(), strict);
    }
    let only_what: Fault = serde_json::from_value(json!({ "what": "hang" })).unwrap();
    assert_eq!(only_what.to_string(), "* * * hang");
}

#[test]
fn a_fault_that_cannot_be_read_says_what_would_be_right() {
    for (wrong, hint) in [
        ("", "the system is missing"),
        ("rancher", "the method is missing"),
        ("rancher GET", "the path is missing"),
        ("rancher GET /v3", "what happens is missing"),
        ("openstack GET /v3 hang", "waldur, rancher or keycloak"),
        ("rancher FETCH /v3 hang", "`FETCH` is no method"),
        ("rancher GET v3 hang", "begins with / or *"),
        ("rancher GET /v3 #0 hang", "`#0` does not say when"),
        ("rancher GET /v3 #5..3 hang", "`#5..3` does not say when"),
        ("rancher GET /v3 101% hang", "`101%` does not say when"),
        ("rancher GET /v3 -1% hang", "`-1%` does not say what happens"),
        ("rancher GET /v3 10% seed x hang", "`seed` needs a whole number"),
        ("rancher GET /v3 10 hang", "`10` does not say when"),
        ("rancher GET /v3 explode", "`explode` does not say what happens"),
        ("rancher GET /v3 status", "`status` needs a whole number"),
        ("rancher GET /v3 status 700", "from 200 to 599"),
        ("rancher GET /v3 status 429 retry-after soon", "`retry-after` needs a whole number"),
        ("rancher GET /v3 delay", "delay needs a duration"),
        ("rancher GET /v3 delay 5", "`5` is no duration"),
        ("rancher GET /v3 hang now", "`now` is too much"),
    ] {
        let why = wrong.parse::<Fault>().unwrap_err().to_string();
        assert!(why.contains(hint), "{wrong:?} should hint at {hint:?}, but says {why:?}");
    }
    let why =
        serde_json::from_value::<Fault>(json!({ "what": "hang", "wen": "#2" })).unwrap_err().to_string();
    assert!(why.contains("unknown field `wen`"), "{why}");
}
