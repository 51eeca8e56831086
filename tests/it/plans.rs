//! Golden plans: one fixture, one snapshot, one `#[test]` each.

#![expect(clippy::expect_used, reason = "a test that cannot read its own files fails")]

use std::collections::BTreeSet;
use std::path::Path;

use agent::model::capture::Capture;
use agent::plan::{guard, plan, render};

/// Plans what a fixture says and gives it to one of the renderings.
fn reviewed<T>(text: &str, show: impl Fn(render::Review<'_>) -> T) -> T {
    let capture = Capture::from_yaml(text).expect("the fixture is a captured world");
    let plan = plan(&capture.world, &capture.policy);
    let verdict = guard::guard(&plan, &capture.world, &capture.policy, None).expect("no circle");
    show(render::Review { plan: &plan, verdict: &verdict })
}

macro_rules! golden {
    ($($name:ident = $file:literal;)+) => {
        /// Every fixture that has a golden plan.
        pub(crate) const FIXTURES: &[&str] = &[$($file),+];

        $(
            #[test]
            fn $name() {
                let text = include_str!(concat!("../../fixtures/", $file, ".yaml"));
                insta::with_settings!({
                    snapshot_path => "../../plans", prepend_module_to_snapshot => false, omit_expression => true,
                }, { insta::assert_snapshot!($file, reviewed(text, render::text::render)); });
            }
        )+
    };
}

golden! {
    the_first_resource_of_a_new_site = "first-resource";
    nothing_to_do_says_how_much_was_compared = "nothing-to-do";
    one_leaves_and_one_joins = "leaver-and-joiner";
    a_stray_stays_while_somebody_is_unknown = "stray-kept";
    a_stray_goes_once_everybody_is_known = "stray-removed";
    an_empty_team_is_noted_at_the_first_look = "team-empty-first-look";
    an_empty_team_keeps_its_group_for_a_while = "team-empty-within-grace";
    an_empty_team_loses_binding_group_and_roof = "team-empty-after-grace";
    a_quota_grows_and_foreign_keys_stay = "quota-grown";
    a_quota_does_not_shrink_below_what_is_used = "quota-below-used";
    namespaces_that_have_their_share_follow_the_project = "quota-namespaces-follow";
    namespaces_give_back_before_their_project_shrinks = "quota-shrinks";
    a_count_that_rancher_lost_is_waited_for = "quota-stale-used";
    a_first_quota_that_rancher_would_refuse_is_not_tried = "quota-first-too-many";
    an_adopted_project_keeps_its_quota_in_its_namespace = "quota-as-the-python-agent-left-it";
    a_quota_moves_into_a_new_namespace = "quota-in-a-new-namespace";
    gpus_are_in_the_quota_where_rancher_can_hold_them = "quota-extended";
    gpus_are_only_reported_where_rancher_cannot = "quota-extended-before-2.14";
    a_limit_that_is_missing_is_not_lifted = "quota-limit-missing";
    names_and_notes_that_drifted_are_corrected = "names-drift";
    a_binding_deleted_by_hand_comes_back = "binding-deleted-by-hand";
    a_changed_role_binds_before_it_unbinds = "role-changed";
    restricted_access_takes_the_binding = "access-restricted";
    a_locked_role_binds_nobody = "role-locked";
    a_second_cluster_has_groups_of_its_own = "second-cluster";
    two_clusters_never_share_a_group_by_accident = "second-cluster-same-names";
    offerings_whose_teams_are_one_share_a_group = "shared-group";
    a_shared_group_lets_in_who_is_in_all_teams_and_drops_who_is_in_none = "shared-teams-differ";
    a_second_realm_has_groups_of_its_own = "second-realm";
    losses_of_the_last_hour_use_the_budget_up = "budget-used-up";
    more_losses_than_the_budget_are_held = "budget-exceeded";
    most_of_a_group_does_not_go_unasked = "more-than-half";
    a_lost_page_makes_no_second_project = "projects-cut";
    an_unconfirmed_team_changes_nobody = "team-not-confirmed";
    keycloak_down_lets_ranchers_part_go_on = "keycloak-down";
    rancher_down_lets_people_in_and_nobody_out = "rancher-down";
    a_backend_id_is_believed_and_a_name_alone_is_not = "backend-ids";
    of_two_projects_with_one_mark_the_older_serves = "two-projects-one-mark";
    hostile_names_are_shown_and_harmless = "hostile-names";
    what_waldur_does_not_check_is_held = "what-waldur-does-not-check";
    unknown_people_wait = "unknown-people";
    a_moved_resource_binds_the_new_team_first = "resource-moved";
    a_site_that_moves_over_is_adopted_and_nothing_else = "moving-over";
    what_was_adopted_keeps_its_names_and_its_role = "moved-over";
    what_the_python_agent_lost_sight_of_is_named = "python-orphans";
    each_mapped_role_has_its_group = "roles-mapped";
    a_role_map_moves_everybody_before_the_old_group_goes = "role-map-introduced";
    a_role_that_one_side_alone_names_moves_nobody = "role-changes-held";
    blanked_usernames_take_nobody_out = "usernames-blanked";
    a_name_that_two_people_bear_lets_nobody_in = "username-shared";
    accounts_that_are_switched_off_belong_to_teams_all_the_same = "accounts-switched-off";
    people_are_known_by_the_configured_name = "member-identity";
    without_keycloak_people_are_bound_directly = "direct-first";
    without_keycloak_a_leaver_is_unbound = "direct-leaver";
    without_keycloak_whoever_never_logged_in_waits = "direct-never-logged-in";
    without_keycloak_a_cut_list_of_users_unbinds_nobody = "direct-users-cut";
    people_are_handed_over_to_groups_without_a_gap = "direct-to-groups";
    people_are_handed_over_from_groups_without_a_gap = "direct-from-groups";
    an_order_is_taken_carried_out_and_completed_in_one_plan = "order-create";
    an_order_that_was_cut_off_goes_on = "order-create-goes-on";
    an_order_of_which_nothing_is_left_is_completed = "order-nothing-left";
    a_new_resource_needs_no_people_to_be_complete = "order-without-people";
    a_change_is_carried_out = "order-update";
    a_change_below_what_is_used_waits = "order-update-below-used";
    a_change_below_what_is_used_fails_after_a_day = "order-update-out-of-patience";
    what_waldur_failed_itself_is_taken_up_again = "order-update-failed-by-waldur";
    what_cannot_be_had_fails_and_makes_nothing = "order-impossible";
    keycloak_down_neither_fails_nor_completes_an_order = "order-keycloak-down";
    what_did_not_work_is_told_and_tried_again = "order-setback";
    an_end_says_what_goes_with_it = "order-terminate";
    what_is_gone_already_ends_at_once = "order-terminate-nothing-left";
    an_end_that_rancher_cannot_finish_waits = "order-terminate-stuck";
    where_a_person_approves_each_deletion_it_waits = "deletions-to-be-approved";
    too_many_deletions_wait_for_a_person = "deletions-beyond-the-budget";
    what_waldur_says_is_over_goes_within_the_budget = "resource-terminated";
    a_team_without_resources_loses_its_group = "team-without-resources";
    what_is_stuck_in_waldur_is_named = "resource-stuck-in-waldur";
    orders_of_another_type_are_left_alone = "orders-of-another-type";
    waldur_is_told_what_serves_a_resource = "metadata-told";
    what_rancher_says_is_wrong_is_said_in_waldur = "resource-erred-by-rancher";
    waldur_is_told_how_far_everybody_has_access = "membership-statuses";
}

#[test]
fn the_plan_for_programs_says_the_same() {
    let text = include_str!("../../fixtures/leaver-and-joiner.yaml");
    let document =
        reviewed(text, |review| render::Document::of(review).to_json().expect("a plan has a JSON form"));
    insta::with_settings!({
        snapshot_path => "../../plans", prepend_module_to_snapshot => false, omit_expression => true,
    }, { insta::assert_snapshot!("leaver-and-joiner.json", document); });
}

/// The names of the files of a folder of the repository that end in `ending`, without it.
fn names(folder: &str, ending: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("the folder can be read").file_name().to_string_lossy().into_owned())
        .filter_map(|name| name.strip_suffix(ending).map(str::to_owned))
        .collect()
}

#[test]
fn no_fixture_lacks_a_golden_plan_and_no_plan_a_fixture() {
    let tested: BTreeSet<String> = FIXTURES.iter().map(ToString::to_string).collect();
    assert_eq!(names("fixtures", ".yaml"), tested, "fixtures and the tests above");
    let mut plans = names("plans", ".snap");
    assert!(plans.remove("leaver-and-joiner.json"), "the plan for programs has its snapshot");
    assert_eq!(plans, tested, "plans and the tests above");
}

#[test]
fn every_fixture_opens_with_its_story_and_survives_a_file() {
    for name in names("fixtures", ".yaml") {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(format!("{name}.yaml"));
        let text = std::fs::read_to_string(path).expect("the fixture can be read");
        assert!(text.starts_with("# "), "{name} opens with its story");
        let capture = Capture::from_yaml(&text).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let again =
            Capture::from_yaml(&capture.to_yaml().expect("it has a YAML form")).expect("it reads back");
        assert_eq!(capture, again, "{name}");
    }
}
