//! The rules of the domain, one by one, where no golden plan says it already.

#![expect(clippy::expect_used, reason = "a test that misses what it built fails")]

use std::collections::{BTreeMap, BTreeSet};

use agent::model::capture::Capture;
use agent::model::world::World;
use agent::model::{Reading, ServerUrl};
use agent::plan::guard::guard;
use agent::plan::{NoteKind, Plan, Question, plan, render};

/// A site where everything is as it should be; each test spoils one thing.
const QUIET: &str = include_str!("../../fixtures/nothing-to-do.yaml");

/// Reads a fixture in which each of `changes` replaces one text by another, everywhere.
pub(crate) fn changed(fixture: &str, changes: &[(&str, &str)]) -> Capture {
    let mut text = fixture.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "the fixture says \"{from}\"");
        text = text.replace(from, to);
    }
    Capture::from_yaml(&text).expect("a captured world")
}

pub(crate) fn planned(capture: &Capture) -> Plan {
    plan(&capture.world, &capture.policy)
}

pub(crate) fn steps(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| render::sentence(&step.action)).collect()
}

pub(crate) fn notes(plan: &Plan, kind: NoteKind) -> Vec<&str> {
    plan.notes.iter().filter(|note| note.kind == kind).map(|note| note.what.as_str()).collect()
}

/// Asserts that a plan does nothing and notes nothing.
fn is_quiet(capture: &Capture) {
    let plan = planned(capture);
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(plan.notes, []);
    assert_eq!(plan.held, []);
}

const GROUP: &str = "project_a0000000000000000000000000000001_project-member";

#[test]
fn rule_1_both_spellings_of_a_uuid_are_one_identity() {
    let dashed = "A0000000-0000-0000-0000-000000000001";
    is_quiet(&changed(
        QUIET,
        &[(
            "waldur_project_uuid: [a0000000000000000000000000000001]",
            &format!("waldur_project_uuid: [{dashed}]"),
        )],
    ));
}

#[test]
fn rule_2_a_project_being_removed_is_not_there() {
    let gone = "created: 2026-09-01T08:00:00Z\n            removing: true";
    let plan = planned(&changed(QUIET, &[("created: 2026-09-01T08:00:00Z", gone)]));
    assert!(
        steps(&plan).contains(&"create project waldur-galaxy-survey in c-1".to_owned()),
        "{:?}",
        steps(&plan)
    );
}

#[test]
fn rule_2_half_a_mark_makes_no_project_ours() {
    let half = planned(&changed(
        QUIET,
        &[(
            "              waldur/managed: \"true\"
              waldur/offering_uuid: 0ff00000000000000000000000000001
              waldur/resource_uuid: ce500000000000000000000000000001
              waldur/project_slug",
            "              waldur/project_slug",
        )],
    ));
    assert_eq!(steps(&half), [""; 0]);
    assert_eq!(notes(&half, NoteKind::Held), ["its backend_id names c-1:p-1, which does not carry our mark"]);
}

#[test]
fn rule_3_a_group_keeps_its_name_when_the_template_changes() {
    let capture = changed(
        QUIET,
        &[("lookup: by_username", "lookup: by_username, child_group: \"other_{project_uuid_hex}\"")],
    );
    is_quiet(&capture);
}

#[test]
fn rule_3_two_groups_of_one_team_are_left_to_a_person() {
    let twin = |id: &str| {
        format!("          {id}:\n            name: {GROUP}{}", if id == "g-1" { "" } else { "-2" })
    };
    let one = twin("g-1");
    let attributes = "
            parent: g-c1
            attributes:
              managed_by: [waldur-rancher-agent]
              waldur_offering_uuid: [0ff00000000000000000000000000001]
              waldur_project_uuid: [a0000000000000000000000000000001]
              waldur_role: [project-member]
";
    let plan = planned(&changed(QUIET, &[(&one, &format!("{}{attributes}{one}", twin("g-2")))]));
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(notes(&plan, NoteKind::Held).len(), 1, "{:?}", plan.notes);
}

#[test]
fn rule_4_an_unmarked_binding_is_never_taken_away() {
    let mark = "            annotations:
              waldur/managed: \"true\"
              waldur/offering_uuid: 0ff00000000000000000000000000001
              waldur/resource_uuid: ce500000000000000000000000000001
      roles";
    let open = "limits: { cpu: 8, memory: 32 }";
    let restricted = "limits: { cpu: 8, memory: 32 }\n            access: restricted";
    let ours = planned(&changed(QUIET, &[(open, restricted)]));
    assert_eq!(steps(&ours).len(), 1, "ours goes: {:?}", steps(&ours));
    let theirs = planned(&changed(QUIET, &[(open, restricted), (mark, "      roles")]));
    assert_eq!(steps(&theirs), [""; 0], "theirs stays");
}

#[test]
fn rule_5_a_wanted_id_or_a_name_in_any_case_is_met_by_the_member() {
    is_quiet(&changed(QUIET, &[("{ username: ada, role: member }", "{ username: k-ada, role: member }")]));
    is_quiet(&changed(QUIET, &[("{ username: ada, role: member }", "{ username: ADA, role: member }")]));
}

#[test]
fn rule_5_only_who_is_not_a_member_is_looked_up() {
    let plan = planned(&changed(QUIET, &[("k-bea: { username: bea }", "k-old: { username: old }")]));
    let asked: Vec<&str> = plan
        .questions
        .iter()
        .filter_map(|question| match question {
            Question::Account { realm: _, username, lookup: _ } => Some(username.as_str()),
            Question::Team { .. } | Question::Namesakes { .. } => None,
        })
        .collect();
    assert_eq!(asked, ["bea"]);
}

#[test]
fn rule_6_a_leaver_goes_although_somebody_is_unknown() {
    let unknown = include_str!("../../fixtures/stray-kept.yaml");
    let leaver = "ada00000000000000000000000000001: { username: ada, account: ada@uni.example }";
    let known = format!("{leaver}\n          cab00000000000000000000000000001: {{ username: zoe }}");
    let plan = planned(&changed(unknown, &[(leaver, &known)]));
    assert_eq!(steps(&plan), [format!("remove zoe from {GROUP}")]);
}

#[test]
fn rule_7_a_name_that_would_be_no_safe_one_is_refused() {
    let plan = planned(&changed(
        include_str!("../../fixtures/first-resource.yaml"),
        &[("slug: galaxy-survey", "slug: galaxy/survey")],
    ));
    assert!(!steps(&plan).iter().any(|step| step.starts_with("create project")), "{:?}", steps(&plan));
    assert_eq!(notes(&plan, NoteKind::Held).len(), 1, "{:?}", plan.notes);
}

#[test]
fn rule_7_the_namespaces_share_is_a_part_of_the_limit() {
    let capture = changed(
        QUIET,
        &[(
            "role: project-member\n      keycloak",
            "role: project-member\n      namespace_share: 0.25\n      keycloak",
        )],
    );
    let plan = planned(&capture);
    assert_eq!(steps(&plan), ["set the quota of project c-1:p-1"]);
}

#[test]
fn rule_8_a_foreign_group_of_the_name_is_in_the_way() {
    let first = include_str!("../../fixtures/first-resource.yaml");
    let free = format!("{GROUP}: {{ complete: [] }}");
    let plan = planned(&changed(first, &[(&free, &format!("{GROUP}: {{ complete: [g-foreign] }}"))]));
    assert!(!steps(&plan).iter().any(|step| step.starts_with("create group") || step.starts_with("add")));
    assert_eq!(notes(&plan, NoteKind::Held).len(), 1, "{:?}", plan.notes);
}

#[test]
fn rule_9_states_decide_whether_a_project_is_wanted() {
    let first = include_str!("../../fixtures/first-resource.yaml");
    let with = |state: &str| planned(&changed(first, &[("state: OK", &format!("state: {state}"))]));
    for state in ["OK", "Updating"] {
        assert!(steps(&with(state)).iter().any(|step| step.starts_with("create project")), "{state}");
    }
    for state in ["Creating", "Terminating", "Erred"] {
        assert_eq!(steps(&with(state)), [""; 0], "{state}");
        assert_eq!(notes(&with(state), NoteKind::Waiting).len(), 1, "{state}");
    }
    assert_eq!(steps(&with("Terminated")), [""; 0]);
    // An erred one that was provisioned is served on.
    is_quiet(&changed(QUIET, &[("state: OK", "state: Erred")]));
}

/// The quiet world in which Bea's role in the team, or in the team and in the bulk list, ends at `time`.
fn ending(time: &str, in_the_list_too: bool) -> Plan {
    let mate = "bea00000000000000000000000000001: { username: bea, role: member }";
    let ends = mate.replace(" }", &format!(", expires: \"{time}\" }}"));
    let grant = "{ user: bea00000000000000000000000000001, role: member }";
    let ended = grant.replace(" }", &format!(", expires: \"{time}\" }}"));
    let listed = if in_the_list_too { ended.as_str() } else { grant };
    planned(&changed(QUIET, &[(mate, &ends), (grant, listed)]))
}

#[test]
fn rule_10_an_expired_grant_is_gone_at_that_moment() {
    assert_eq!(steps(&ending("2026-11-23T08:00:01Z", true)), [""; 0]);
    assert_eq!(steps(&ending("2026-11-23T08:00:00Z", true)), [format!("remove bea from {GROUP}")]);
}

#[test]
fn rule_10_whoever_holds_another_role_stays_when_one_expires() {
    // Waldur's team shows one role of each person, and not always the one that lasts.
    assert_eq!(steps(&ending("2026-11-23T08:00:00Z", false)), [""; 0]);
}

#[test]
fn rule_11_a_group_that_others_bound_is_shared_and_nobody_leaves_it() {
    let leaver = include_str!("../../fixtures/leaver-and-joiner.yaml");
    let foreign = "      roles: { complete: { project-member";
    let theirs = format!(
        "          p-9:theirs:
            name: theirs
            project: c-1:p-9
            role: project-member
            subject: {{ group: \"keycloakoidc_group://{GROUP}\" }}
{foreign}"
    );
    let plan = planned(&changed(leaver, &[(foreign, &theirs)]));
    assert_eq!(steps(&plan), [format!("add eda to {GROUP}")]);
    assert_eq!(notes(&plan, NoteKind::Held).len(), 1, "{:?}", plan.notes);
}

#[test]
fn rule_11_a_team_that_is_back_keeps_its_group() {
    let empty = include_str!("../../fixtures/team-empty-after-grace.yaml");
    let mut capture = changed(empty, &[]);
    let team = changed(QUIET, &[]).world.offerings.into_values().next().expect("an offering").teams;
    capture.world.offerings.values_mut().for_each(|offering| offering.teams.clone_from(&team));
    answer_everybody(&mut capture.world);
    let plan = planned(&capture);
    assert_eq!(
        steps(&plan),
        [
            format!("note that {GROUP} is in use again"),
            format!("add ada to {GROUP}"),
            format!("add bea to {GROUP}")
        ]
    );
}

/// Answers the look-up of everybody in the teams.
fn answer_everybody(world: &mut World) {
    for realm in world.realms.values_mut() {
        for name in ["ada", "bea"] {
            let account = agent::model::world::Account {
                id: format!("k-{name}").parse().expect("an id"),
                username: name.parse().expect("a name"),
                disabled: false,
                found_otherwise: false,
            };
            realm.accounts.insert(name.parse().expect("a name"), Reading::Complete(Some(account)));
        }
    }
}

#[test]
fn rule_12_a_pause_takes_access_away_only_where_configured() {
    let paused =
        ("limits: { cpu: 8, memory: 32 }", "limits: { cpu: 8, memory: 32 }\n            access: paused");
    is_quiet(&changed(QUIET, &[paused]));
    let configured = (
        "role: project-member\n      keycloak",
        "role: project-member\n      paused_restricts: true\n      keycloak",
    );
    let plan = planned(&changed(QUIET, &[paused, configured]));
    assert_eq!(steps(&plan).len(), 1);
    assert!(steps(&plan).iter().all(|step| step.starts_with("unbind ")), "{:?}", steps(&plan));
}

/// Returns, as sentences, what must be done before each admitted step.
pub(crate) fn before(capture: &Capture) -> BTreeMap<String, BTreeSet<String>> {
    let plan = planned(capture);
    let verdict = guard(&plan, &capture.world, &capture.policy, None).expect("no circle");
    let sentence = |index: usize| render::sentence(&verdict.admitted.steps()[index].action);
    let all = verdict.admitted.graph().dependencies();
    all.into_iter()
        .enumerate()
        .map(|(step, first)| (sentence(step), first.into_iter().map(sentence).collect()))
        .collect()
}

const OTHER_GROUP: &str = "project_a0000000000000000000000000000002_project-member";

#[test]
fn rule_12_a_former_teams_binding_goes_once_whoever_stays_is_in_the_new_group() {
    let capture = changed(include_str!("../../fixtures/resource-moved.yaml"), &[]);
    let unbind = format!("unbind keycloakoidc_group://{GROUP} as project-member from c-1:p-1");
    let bind = format!("bind keycloakoidc_group://{OTHER_GROUP} as project-member to c-1:p-1");
    let bea = format!("add bea to {OTHER_GROUP}");
    assert_eq!(before(&capture)[&unbind], BTreeSet::from([bind, bea]));
}

#[test]
fn rule_12_whoever_leaves_with_a_resource_leaves_last() {
    // Bea is in the new team only, and the old one still has another resource.
    let mut capture = changed(include_str!("../../fixtures/resource-moved.yaml"), &[]);
    let offering = capture.world.offerings.values_mut().next().expect("an offering");
    let old = "a0000000000000000000000000000001".parse().expect("a UUID");
    let bea = "bea00000000000000000000000000001".parse().expect("a UUID");
    offering.teams.get_mut(&old).and_then(Reading::known_mut).expect("the old team").remove(&bea);
    let resources = offering.resources.known_mut().expect("the resources");
    let mut other = resources.values().next().expect("a resource").clone();
    other.project.uuid = old;
    other.backend_id = None;
    other.slug = Some("another".parse().expect("a slug"));
    resources.insert("ce500000000000000000000000000002".parse().expect("a UUID"), other);
    let unbind = format!("unbind keycloakoidc_group://{GROUP} as project-member from c-1:p-1");
    assert_eq!(before(&capture)[&format!("remove bea from {GROUP}")], BTreeSet::from([unbind]));
}

#[test]
fn rule_13_quotas_compare_as_numbers() {
    is_quiet(&changed(
        QUIET,
        &[("limitsCpu: \"8\", limitsMemory: 32Gi", "limitsCpu: 8000m, limitsMemory: 32768Mi")],
    ));
}

#[test]
fn rule_15_one_cluster_down_does_not_stop_another() {
    let both = include_str!("../../fixtures/second-cluster.yaml");
    let mut capture = Capture::from_yaml(both).expect("a captured world");
    let before = steps(&planned(&capture));
    let down: ServerUrl = "https://rancher.example".parse().expect("an address");
    for (place, cluster) in &mut capture.world.clusters {
        if place.server == down && place.cluster.as_str() == "c-1" {
            cluster.projects = Reading::Unavailable("connection refused".to_owned());
            cluster.bindings = Reading::Unavailable("connection refused".to_owned());
        }
    }
    assert_eq!(steps(&planned(&capture)), before);
}

#[test]
fn rule_16_a_narrowed_plan_keeps_its_colleagues_people() {
    let both = include_str!("../../fixtures/second-cluster.yaml");
    let capture = Capture::from_yaml(both).expect("a captured world");
    let whole = planned(&capture);
    let first = "0ff00000000000000000000000000001".parse().expect("a UUID");
    let second = "0ff00000000000000000000000000002".parse().expect("a UUID");
    assert_eq!(steps(&whole.clone().narrowed_to(first)), [""; 0]);
    assert_eq!(steps(&whole.clone().narrowed_to(second)), steps(&whole));
}

#[test]
fn rule_16_a_scope_without_members_takes_no_steps_on_people() {
    let scope = (
        "role: project-member\n      keycloak",
        "role: project-member\n      scope: { members: false }\n      keycloak",
    );
    let leaver = include_str!("../../fixtures/leaver-and-joiner.yaml");
    assert_eq!(steps(&planned(&changed(leaver, &[scope]))), [""; 0]);
}

#[test]
fn the_guard_counts_a_shared_name_in_two_realms_by_the_realm_of_the_cluster() {
    // Two Ranchers, each with a realm of its own; the same Waldur project has a group of the same name in both.
    let mut capture = changed(include_str!("../../fixtures/access-restricted.yaml"), &[]);
    let place = "https://keycloak.example/waldur".parse().expect("a realm");
    let other = "https://keycloak.example/zzz".parse().expect("a realm");
    let mut twin = capture.world.realms.get(&place).expect("the realm").clone();
    for members in twin.members.values_mut() {
        members.known_mut().expect("they were read").clear();
    }
    capture.world.realms.insert(other, twin);
    let plan = planned(&capture);
    let verdict = guard(&plan, &capture.world, &capture.policy, None).expect("no circle");
    assert_eq!(verdict.admitted.losses().len(), 2);
}

#[test]
fn rule_3_another_role_name_orphans_no_group() {
    let plan = planned(&changed(QUIET, &[("role_name: project-member", "role_name: team")]));
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(
        notes(&plan, NoteKind::Unmanaged),
        [format!("{GROUP} keeps its name, although keycloak_role_name is team now")]
    );
}

#[test]
fn rule_6_whoever_is_in_the_team_under_a_new_name_has_not_left() {
    // The list of users was read before the name changed, the team after; Keycloak knows the new name not yet.
    let renamed = (
        "ada00000000000000000000000000001: { username: ada, role",
        "ada00000000000000000000000000001: { username: ada-new, role",
    );
    let mut capture = changed(QUIET, &[renamed]);
    let nobody = Reading::Complete(None);
    for realm in capture.world.realms.values_mut() {
        realm.accounts.insert("ada-new".parse().expect("a username"), nobody.clone());
    }
    let plan = planned(&capture);
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(notes(&plan, NoteKind::Held).len(), 1, "{:?}", plan.notes);
}

#[test]
fn rule_8_a_group_whose_name_is_not_alone_gets_no_role() {
    let unbound = include_str!("../../fixtures/binding-deleted-by-hand.yaml");
    assert_eq!(steps(&planned(&changed(unbound, &[]))).len(), 1);
    let plan = planned(&changed(unbound, &[("{ complete: [g-1] }", "{ complete: [g-1, g-theirs] }")]));
    assert_eq!(steps(&plan), [""; 0]);
    let held = notes(&plan, NoteKind::Held);
    assert!(held.iter().any(|what| what.contains("(g-theirs)")), "{held:?}");
}

#[test]
fn rule_7_two_resources_of_one_slug_do_not_become_two_projects_of_one_name() {
    let first = include_str!("../../fixtures/first-resource.yaml");
    let resource = "          ce500000000000000000000000000001:\n";
    let (before, after) = first.split_once(resource).expect("a resource");
    let (body, rest) = after.split_once("      grants:").expect("grants");
    let twin = resource.replace("01:", "02:");
    let plan = planned(
        &Capture::from_yaml(&format!("{before}{resource}{body}{twin}{body}      grants:{rest}"))
            .expect("a world"),
    );
    let made = steps(&plan).into_iter().filter(|step| step.starts_with("create project")).count();
    assert_eq!(made, 1);
    assert_eq!(
        notes(&plan, NoteKind::Held),
        ["the new project of another resource takes its name: waldur-galaxy-survey"]
    );
}

#[test]
fn rule_11_an_end_of_people_that_is_still_to_come_is_written_anew() {
    let within = include_str!("../../fixtures/team-empty-within-grace.yaml");
    let plan = planned(&changed(within, &[("2026-11-23T07:56:00Z", "2036-11-23T07:56:00Z")]));
    assert_eq!(steps(&plan), [format!("note that the team of {GROUP} is empty")]);
}

#[test]
fn rule_16_a_narrowed_plan_keeps_what_its_steps_need_of_others() {
    let first = include_str!("../../fixtures/first-resource.yaml");
    let mut capture = changed(first, &[]);
    let (old, offering) = capture.world.offerings.pop_first().expect("an offering");
    let policy = capture.policy.offerings.remove(&old).expect("its policy");
    // An offering without anything comes first, so that the cluster's group is made on its behalf elsewhere.
    let new: agent::model::OfferingUuid = "eff00000000000000000000000000001".parse().expect("a UUID");
    let mut twin = policy.clone();
    twin.name = "Other".to_owned();
    capture.policy.offerings.extend([(old, twin), (new, policy)]);
    capture.world.offerings.extend([(old, offering.clone()), (new, offering)]);
    let whole = planned(&capture);
    let makes_roof =
        |plan: &Plan| steps(plan).iter().filter(|step| step.starts_with("create group c_")).count();
    assert_eq!(makes_roof(&whole), 1);
    assert_eq!(makes_roof(&whole.clone().narrowed_to(old)), 1);
    let narrowed = whole.clone().narrowed_to(new);
    let needs_roof = steps(&narrowed).iter().any(|step| step.starts_with("create group project_"));
    assert_eq!(makes_roof(&narrowed) == 1, needs_roof);
}

#[test]
fn guard_an_empty_list_of_resources_takes_nothing_away_and_is_said() {
    let mut capture = changed(QUIET, &[]);
    for offering in capture.world.offerings.values_mut() {
        offering.resources = Reading::Complete([].into());
    }
    let plan = planned(&capture);
    assert_eq!(steps(&plan), [""; 0]);
    let held = notes(&plan, NoteKind::Held);
    assert!(held.len() == 1 && held[0].starts_with("Waldur lists no resource at all"), "{held:?}");
}
