//! What reading gives, in the dialect that was recorded.

use agent::sandbox::waldur::Dialect;
use serde_json::{Value, json};

use super::town::{
    AGENT, ALICE, ALICE_THERE, CAROL_THERE, CONSUMER, GONE, MANAGER, Must, OUTSIDER, PRIVATE, PROJECT,
    PROVIDER, RANCHER, Row, SERVICE, STAFF, TEAM_ALPHA, Town, hold,
};

fn is(body: Value) -> Vec<Must> {
    vec![Must::Status(200), Must::Json(body)]
}

fn counted(count: usize, body: Value) -> Vec<Must> {
    vec![Must::Status(200), Must::Json(body), Must::Header("x-result-count", count.to_string())]
}

#[tokio::test]
async fn objects_have_the_recorded_keys() {
    let rows: Vec<Row<'_>> = vec![
        (
            "resource in a list [397]",
            "GET /api/marketplace-provider-resources/".to_owned(),
            &[AGENT],
            vec![Must::Keys(RESOURCE_LIST_KEYS)],
        ),
        (
            "offering user [325]",
            format!("GET /api/marketplace-offering-users/{ALICE_THERE}/"),
            &[AGENT],
            vec![Must::Keys(
                "created customer_name customer_uuid is_restricted modified offering offering_name \
                 offering_uuid propagation_date url user user_full_name user_username user_uuid username uuid",
            )],
        ),
        (
            "service provider [362]",
            format!("GET /api/marketplace-service-providers/{SERVICE}/"),
            &[AGENT],
            vec![Must::Keys(
                "created customer customer_abbreviation customer_country customer_image customer_name \
                 customer_native_name customer_uuid description enable_notifications image offering_count \
                 organization_group url uuid",
            )],
        ),
        (
            "grant [562]",
            format!("GET /api/marketplace-service-providers/{SERVICE}/project_permissions/"),
            &[AGENT],
            vec![Must::Keys(
                "created created_by customer_name customer_uuid expiration_time project project_created \
                 project_end_date project_name project_uuid role user user_email user_full_name \
                 user_native_name user_username user_uuid",
            )],
        ),
        (
            "teammate [352]",
            format!("GET /api/marketplace-provider-resources/{TEAM_ALPHA}/team/"),
            &[AGENT],
            vec![Must::Keys("email expiration_time full_name offering_user_username role url username uuid")],
        ),
        (
            "offering [014]",
            format!("GET /api/marketplace-provider-offerings/{RANCHER}/"),
            &[AGENT],
            vec![Must::Keys(OFFERING_KEYS)],
        ),
        ("caller [005]", "GET /api/users/me/".to_owned(), &[AGENT], vec![Must::Keys(CALLER_KEYS)]),
    ];
    hold(Dialect::Y2024, rows).await;
}

#[tokio::test]
async fn a_resource_reads_as_recorded() {
    let resource = |rest: &str| format!("GET /api/marketplace-provider-resources/{rest}");
    let rows: Vec<Row<'_>> = vec![
        (
            "only known fields [074]",
            resource(&format!("{TEAM_ALPHA}/?field=state&field=nonexistent")),
            &[AGENT],
            is(json!({"state": "OK"})),
        ),
        (
            "only unknown fields give everything [075]",
            resource(&format!("{TEAM_ALPHA}/?field=nonexistent")),
            &[AGENT],
            vec![Must::At("/name", json!("team-alpha")), Must::At("/creation_order", Value::Null)],
        ),
        (
            "orders cannot be asked for",
            resource(&format!("{TEAM_ALPHA}/?field=order_in_progress&field=name")),
            &[AGENT],
            is(json!({"name": "team-alpha"})),
        ),
        (
            "a dashed UUID [044]",
            resource("4e000000-0000-0000-0000-000000000001/?field=uuid"),
            &[AGENT],
            is(json!({"uuid": TEAM_ALPHA})),
        ),
        (
            "an upper-case UUID [045]",
            resource("4E000000000000000000000000000001/?field=uuid"),
            &[AGENT],
            is(json!({"uuid": TEAM_ALPHA})),
        ),
        (
            "a time keeps its microseconds",
            resource(&format!("{TEAM_ALPHA}/?field=created")),
            &[AGENT],
            is(json!({"created": "2026-11-20T01:36:30.764395Z"})),
        ),
        (
            "a full second has no fraction",
            resource(&format!("{TEAM_ALPHA}/?field=modified")),
            &[AGENT],
            is(json!({"modified": "2026-11-22T12:00:00Z"})),
        ),
        (
            "addresses are absolute",
            resource(&format!("{TEAM_ALPHA}/?field=url")),
            &[AGENT],
            is(json!({"url": format!("http://waldur.test:8443/api/marketplace-resources/{TEAM_ALPHA}/")})),
        ),
        (
            "metadata nobody set",
            resource(&format!("{TEAM_ALPHA}/?field=backend_metadata")),
            &[AGENT],
            is(json!({"backend_metadata": {}})),
        ),
        (
            "a terminated resource keeps its backend id [201]",
            resource(&format!("{GONE}/?field=state&field=backend_id")),
            &[AGENT],
            is(json!({"state": "Terminated", "backend_id": "bk-gone"})),
        ),
    ];
    hold(Dialect::Y2024, rows).await;
}

#[tokio::test]
async fn callers_and_offerings_read_as_recorded() {
    let offering = |rest: &str| format!("GET /api/marketplace-provider-offerings/{rest}");
    let options = json!({"service_provider_can_create_offering_user": true});
    let rows: Vec<Row<'_>> = vec![
        (
            "the token is in the answer [005]",
            "GET /api/users/me/".to_owned(),
            &[AGENT],
            vec![
                Must::At("/token", json!("agent")),
                Must::At("/permissions/0/role_name", json!("CUSTOMER.OWNER")),
                Must::At("/permissions/0/scope_uuid", json!(PROVIDER)),
            ],
        ),
        (
            "unless other fields are asked for [006]",
            "GET /api/users/me/?field=uuid".to_owned(),
            &[AGENT],
            is(json!({"uuid": "a00000000000000000000000000000aa"})),
        ),
        (
            "configuration without a token [003]",
            "GET /api/configuration/".to_owned(),
            &[],
            vec![Must::Status(200), Must::At("/LANGUAGE_CODE", json!("en"))],
        ),
        (
            "an offering by field [459]",
            offering(&format!("{RANCHER}/?field=type&field=state&field=customer_uuid")),
            &[AGENT],
            is(json!({"type": "Marketplace.Slurm", "state": "Active", "customer_uuid": PROVIDER})),
        ),
        (
            "components [446]",
            offering(&format!("{RANCHER}/?field=components")),
            &[AGENT],
            vec![
                Must::At("/components/0/type", json!("cpu")),
                Must::At("/components/0/max_value", json!(64)),
                Must::At("/components/1/billing_type", json!("usage")),
            ],
        ),
        (
            "secret options for a manager [463]",
            offering(&format!("{RANCHER}/?field=secret_options")),
            &[MANAGER],
            is(json!({"secret_options": options})),
        ),
        (
            "another offering for that manager [461]",
            offering(&format!("{PRIVATE}/")),
            &[MANAGER],
            vec![Must::Status(404)],
        ),
    ];
    hold(Dialect::Y2024, rows).await;
}

#[tokio::test]
async fn lists_of_resources_are_filtered_as_recorded() {
    let resources = |query: &str| format!("GET /api/marketplace-provider-resources/?field=name&{query}");
    let (alpha, gone) = (json!({"name": "team-alpha"}), json!({"name": "to-terminate"}));
    let both = || counted(2, json!([alpha, gone]));
    let one = || counted(1, json!([alpha]));
    let none = || counted(0, json!([]));
    let rows: Vec<Row<'_>> = vec![
        ("terminated ones are in the list [386]", resources(""), &[AGENT], both()),
        ("a manager sees the same [469]", resources(""), &[MANAGER], both()),
        ("an outsider sees an empty list [398]", resources(""), &[OUTSIDER], none()),
        (
            "staff see everybody's",
            resources("name=ours"),
            &[STAFF],
            counted(1, json!([{"name": "not ours"}])),
        ),
        ("one state [382]", resources("state=OK"), &[AGENT], one()),
        ("two states [383]", resources("state=OK&state=Terminated"), &[AGENT], both()),
        (
            "an offering by its dashed UUID [550]",
            resources("offering_uuid=0f000000-0000-0000-0000-000000000001"),
            &[AGENT],
            both(),
        ),
        (
            "an unknown offering [390]",
            resources("offering_uuid=00000000000000000000000000000000"),
            &[AGENT],
            none(),
        ),
        (
            "the last of two offerings counts [551]",
            resources(&format!("offering_uuid={RANCHER}&offering_uuid={PRIVATE}")),
            &[AGENT],
            none(),
        ),
        ("a project [389]", resources(&format!("project_uuid={PROJECT}")), &[AGENT], both()),
        ("a consumer", resources(&format!("customer_uuid={CONSUMER}")), &[AGENT], both()),
        ("the provider is no consumer", resources(&format!("customer_uuid={PROVIDER}")), &[AGENT], none()),
        ("a backend id [387]", resources("backend_id=c-m-abc:p-1"), &[AGENT], one()),
        ("an unknown backend id [388]", resources("backend_id=none-such"), &[AGENT], none()),
        ("part of a name, in any case", resources("name=ALPHA"), &[AGENT], one()),
        ("the exact name", resources("name_exact=team-alpha"), &[AGENT], one()),
        ("part of a name is not the exact name", resources("name_exact=alpha"), &[AGENT], none()),
        ("a slug", resources("slug=team-alp-1"), &[AGENT], one()),
        ("a date", resources("modified=2026-11-22"), &[AGENT], both()),
        ("a date in between", resources("modified_before=2026-11-22"), &[AGENT], none()),
        ("a date of the order", resources("created_before=2026-11-21"), &[AGENT], one()),
        ("unknown filters are not read [392]", resources("bogus=1&project_slug=x"), &[AGENT], both()),
        ("backwards [393]", resources("o=-created"), &[AGENT], counted(2, json!([gone, alpha]))),
        ("by state", resources("o=state"), &[AGENT], both()),
    ];
    hold(Dialect::Y2024, rows).await;
}

#[tokio::test]
async fn lists_of_accounts_and_offerings_are_filtered_as_recorded() {
    let accounts = |query: &str| format!("GET /api/marketplace-offering-users/?field=username&{query}");
    let none = || counted(0, json!([]));
    let rows: Vec<Row<'_>> = vec![
        (
            "offering users of an offering [325]",
            accounts(&format!("offering_uuid={RANCHER}")),
            &[AGENT],
            counted(2, json!([{"username": "alice-wal"}, {"username": ""}])),
        ),
        (
            "a manager sees them too [473]",
            accounts(""),
            &[MANAGER],
            counted(2, json!([{"username": "alice-wal"}, {"username": ""}])),
        ),
        ("an outsider does not", accounts(""), &[OUTSIDER], none()),
        (
            "an offering user of a person [349]",
            accounts(&format!("user_uuid={ALICE}")),
            &[AGENT],
            counted(1, json!([{"username": "alice-wal"}])),
        ),
        (
            "an offering user of an account",
            accounts("user_username=carol"),
            &[AGENT],
            counted(1, json!([{"username": ""}])),
        ),
        (
            "unrestricted ones [326]",
            accounts("is_restricted=false"),
            &[AGENT],
            counted(1, json!([{"username": "alice-wal"}])),
        ),
        ("restricted ones", accounts("is_restricted=True"), &[AGENT], counted(1, json!([{"username": ""}]))),
        ("a query [350]", accounts("query=alice"), &[AGENT], counted(1, json!([{"username": "alice-wal"}]))),
        (
            "states are not read in 2024 [327]",
            accounts("state=Bogus"),
            &[AGENT],
            vec![Must::Status(200), Must::Header("x-result-count", "2".to_owned())],
        ),
        (
            "offerings of a customer [459]",
            format!("GET /api/marketplace-provider-offerings/?customer_uuid={PROVIDER}&field=name"),
            &[AGENT],
            counted(2, json!([{"name": "Rancher-like cluster"}, {"name": "Private"}])),
        ),
        (
            "offerings by state",
            "GET /api/marketplace-provider-offerings/?state=Paused&field=name".to_owned(),
            &[AGENT],
            counted(1, json!([{"name": "Private"}])),
        ),
        (
            "an offering user of an outsider's",
            format!("GET /api/marketplace-offering-users/{CAROL_THERE}/"),
            &[OUTSIDER],
            vec![Must::Status(404)],
        ),
    ];
    hold(Dialect::Y2024, rows).await;
}

#[tokio::test]
async fn hostile_names_and_limits_come_through_untouched() {
    let mut seed = super::town::seed();
    let names = ["", "<script>alert(1)</script>", "klüster 😀", "klüster 😀"];
    seed["resources"] = names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            json!({
                "uuid": format!("{number:032x}"), "name": name, "offering_uuid": RANCHER, "project_uuid": PROJECT,
                "limits": {"cpu": -5, "ram": "many", "gpu": 0.5},
            })
        })
        .collect();
    let town = Town::of(serde_json::from_value(seed).unwrap());
    let listed = town.get("/api/marketplace-provider-resources/?field=name&field=limits").await;
    let limits = json!({"cpu": -5, "ram": "many", "gpu": 0.5});
    let wanted: Vec<Value> = names.iter().map(|name| json!({"name": name, "limits": limits})).collect();
    assert_eq!(listed, Value::Array(wanted));
}

const RESOURCE_LIST_KEYS: &str = "attributes available_actions backend_id backend_metadata can_terminate \
    category_icon category_title category_uuid created current_usages customer_name customer_uuid description \
    downscaled effective_id end_date end_date_requested_by endpoints error_message error_traceback \
    is_limit_based is_usage_based limit_usage limits modified name offering offering_billable \
    offering_customer_uuid offering_description offering_image offering_name offering_plugin_options \
    offering_shared offering_terms_of_service offering_thumbnail offering_type offering_uuid options paused plan \
    plan_description plan_name plan_unit plan_uuid project project_description project_end_date \
    project_end_date_requested_by project_name project_uuid provider_name provider_uuid report resource_type \
    resource_uuid restrict_member_access scope slug state url username uuid";

const OFFERING_KEYS: &str = "attributes backend_id backend_metadata billable category category_title \
    category_uuid citation_count components country created customer customer_name customer_uuid datacite_doi \
    description endpoints files full_description getting_started google_calendar_is_public \
    google_calendar_link image integration_guide integration_status latitude longitude name native_description \
    native_name options order_count organization_groups paused_reason plans plugin_options privacy_policy_link \
    project rating resource_options roles scope screenshots secret_options service_attributes shared slug state \
    terms_of_service terms_of_service_link thumbnail total_cost total_cost_estimated total_customers type url \
    uuid vendor_details";

const CALLER_KEYS: &str = "affiliations agreement_date civil_number date_joined email first_name full_name \
    identity_provider_fields identity_provider_label identity_provider_management_url identity_provider_name \
    identity_source image job_title last_name native_name organization permissions phone_number \
    preferred_language registration_method requested_email slug token token_lifetime url username uuid";
