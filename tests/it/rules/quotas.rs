//! Rule 13, where no golden plan says it already.

use std::collections::BTreeSet;

use agent::model::Reading;
use agent::model::capture::Capture;
use agent::plan::guard::guard;
use agent::plan::{Detail, NoteKind, Question};

use super::access::before;
use super::{QUIET, changed, is_quiet, notes, planned, steps};

const GROWN: &str = include_str!("../../../fixtures/quota-grown.yaml");
const FOLLOW: &str = include_str!("../../../fixtures/quota-namespaces-follow.yaml");
const SHRINKS: &str = include_str!("../../../fixtures/quota-shrinks.yaml");
const ADOPTED: &str = include_str!("../../../fixtures/quota-as-the-python-agent-left-it.yaml");
const IN_NAMESPACE: &str = include_str!("../../../fixtures/quota-in-a-new-namespace.yaml");
const GPUS: &str = include_str!("../../../fixtures/quota-extended.yaml");
const MEMBER: &str = "role: project-member\n      keycloak";

fn asked(capture: &Capture) -> BTreeSet<Detail> {
    let questions = planned(capture).questions.into_iter();
    questions
        .filter_map(|question| match question {
            Question::Inside { cluster: _, what } => Some(what),
            Question::Team { .. } | Question::Account { .. } | Question::Namesakes { .. } => None,
        })
        .collect()
}

/// Returns the steps in the order in which they may be done.
fn in_order(capture: &Capture) -> Vec<String> {
    let plan = planned(capture);
    let verdict = guard(&plan, &capture.world, &capture.policy, None).expect("no circle");
    let admitted = &verdict.admitted;
    let steps = admitted.graph().order().into_iter().map(|index| admitted.steps()[index].clone());
    steps.map(|step| agent::plan::render::sentence(&step.action)).collect()
}

#[test]
fn rule_13_what_is_as_it_should_be_asks_for_no_namespaces() {
    assert_eq!(asked(&changed(QUIET, &[])), BTreeSet::new());
    let gpus = changed(
        GPUS,
        &[
            ("limitsCpu: \"16\"", "limitsCpu: \"16\", requests.nvidia.com/gpu-h100: 2"),
            ("{ namespaces: { complete: {} }, extended_quota: { complete: true } }", "{}"),
            ("      container_defaults: { limitsCpu: 500m, limitsMemory: 512Mi }\n", ""),
        ],
    );
    assert_eq!(asked(&gpus), BTreeSet::new(), "what the quota holds, it can hold");
    is_quiet(&gpus);
}

#[test]
fn rule_13_a_quota_that_differs_waits_for_a_look_into_the_cluster() {
    let unread = changed(GROWN, &[("      inside: { namespaces: { complete: {} } }\n", "")]);
    assert_eq!(asked(&unread), BTreeSet::from([Detail::Namespaces]));
    let plan = planned(&unread);
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(notes(&plan, NoteKind::Waiting), ["its quota waits: nobody looked into the cluster yet"]);
    for gap in ["{ partial: { got: {}, holes: [a page was lost] } }", "{ unavailable: it is down }"] {
        let plan =
            planned(&changed(GROWN, &[("namespaces: { complete: {} }", &format!("namespaces: {gap}"))]));
        assert_eq!(steps(&plan), [""; 0], "{gap}");
        assert!(plan.is_blind_somewhere(), "{gap}");
    }
}

#[test]
fn rule_13_a_project_grows_before_its_namespaces_and_shrinks_after_them() {
    assert_eq!(
        in_order(&changed(FOLLOW, &[])),
        [
            "set the quota of project c-1:p-1",
            "set the quota of namespace archive",
            "set the quota of namespace work",
            "set what new namespaces of project c-1:p-1 get",
        ]
    );
    let half = ("limits: { cpu: 4, memory: 64 }", "limits: { cpu: 4, memory: 16 }");
    assert_eq!(
        in_order(&changed(SHRINKS, &[half])),
        ["set the quota of namespace work", "set the quota of project c-1:p-1"]
    );
    // That is the order in which they are read, too: what counts is that they wait for each other.
    let project = BTreeSet::from(["set the quota of project c-1:p-1".to_owned()]);
    let grows = before(&changed(FOLLOW, &[]));
    let namespaces = ["archive", "work"].map(|name| format!("set the quota of namespace {name}"));
    for namespace in &namespaces {
        assert_eq!(grows[namespace], project);
    }
    assert_eq!(grows["set what new namespaces of project c-1:p-1 get"], BTreeSet::from(namespaces));
    let shrinks = before(&changed(SHRINKS, &[half]));
    let namespace = BTreeSet::from(["set the quota of namespace work".to_owned()]);
    assert_eq!(shrinks["set the quota of project c-1:p-1"], namespace);
}

#[test]
fn rule_13_mode_none_sets_and_touches_nothing() {
    for fixture in [GROWN, ADOPTED, GPUS] {
        let capture = changed(fixture, &[("      components:", "      quota: none\n      components:")]);
        is_quiet(&capture);
    }
}

#[test]
fn rule_13_an_adopted_project_changes_over_when_its_namespaces_quota_is_gone() {
    let gone = "            waldur-galaxy-survey:
              { limits.cpu: 8000m, limits.memory: 65536Mi, requests.storage: 102400Mi, pods: \"50\" }
            work: { limits.cpu: 8000m, limits.memory: 32768Mi }
";
    // Two namespaces were there before the first quota, so each may only get half of it.
    let half = (MEMBER, "role: project-member\n      namespace_share: 0.5\n      keycloak");
    let quotas = format!("        quotas:\n          complete:\n{gone}");
    let over = planned(&changed(ADOPTED, &[(&quotas, "        quotas: { complete: {} }\n"), half]));
    assert_eq!(steps(&over), ["set the quota of project c-1:p-1"]);
    let mut unsure = changed(ADOPTED, &[half]);
    for cluster in unsure.world.clusters.values_mut() {
        cluster.inside.quotas = Some(Reading::Unavailable("it is down".to_owned()));
    }
    assert_eq!(steps(&planned(&unsure)), [""; 0], "whose quota it is is not known");
}

#[test]
fn rule_13_quotas_of_namespaces_compare_as_numbers_and_leave_the_keys_of_others() {
    let bought =
        ("limits: { cpu: 16, memory: 64, storage: 200 }", "limits: { cpu: 8, memory: 64, storage: 100 }");
    let plan = planned(&changed(ADOPTED, &[bought]));
    assert_eq!(steps(&plan), [""; 0]);
}

#[test]
fn rule_13_a_new_project_in_namespace_mode_has_its_quota_from_the_start() {
    let first = include_str!("../../../fixtures/first-resource.yaml");
    let mode = ("      role: project-member\n", "      role: project-member\n      quota: namespace\n");
    let roles = "      roles: { complete: {";
    let with = |inside: &str| format!("      inside: {inside}\n{roles}");
    let unread = planned(&changed(first, &[mode]));
    assert!(!steps(&unread).iter().any(|step| step.starts_with("create project")), "{:?}", steps(&unread));
    let free = planned(&changed(first, &[mode, (roles, &with("{ namespaces: { complete: {} } }"))]));
    let made: Vec<String> = steps(&free).into_iter().filter(|step| step.contains("waldur-")).collect();
    assert_eq!(
        made,
        [
            "create project waldur-galaxy-survey in c-1",
            "create namespace waldur-galaxy-survey in the new project",
            "put a quota into namespace waldur-galaxy-survey",
        ]
    );
    let taken = with("{ namespaces: { complete: { waldur-galaxy-survey: {} } } }");
    let taken = planned(&changed(first, &[mode, (roles, &taken)]));
    assert!(!steps(&taken).iter().any(|step| step.contains("waldur-")), "{:?}", steps(&taken));
    assert_eq!(notes(&taken, NoteKind::Held).len(), 1, "{:?}", taken.notes);
}

#[test]
fn rule_13_a_namespace_is_made_only_where_its_projects_quota_has_room() {
    let pods = "              limit: { limitsCpu: \"16\", limitsMemory: 64Gi, pods: 9 }
              namespace_default: { limitsCpu: \"16\", limitsMemory: 64Gi, pods: 9 }
";
    let quota = "              limit: { limitsCpu: \"16\", limitsMemory: 64Gi }
              namespace_default: { limitsCpu: \"16\", limitsMemory: 64Gi }
";
    let work = "{ complete: { work: { project: \"c-1:p-1\", quota: { pods: 9 } } } }";
    let full = changed(IN_NAMESPACE, &[(quota, pods), ("{ complete: { kube-system: {} } }", work)]);
    let plan = planned(&full);
    assert_eq!(steps(&plan), [""; 0], "the quota of the project stays, too");
    assert_eq!(notes(&plan, NoteKind::Waiting).len(), 1, "{:?}", plan.notes);
}

#[test]
fn rule_13_a_component_that_is_taken_out_lifts_its_quota() {
    let capture = changed(
        GROWN,
        &[
            ("limits: { cpu: 16, memory: 64 }", "limits: { cpu: 8 }"),
            ("memory: { kind: memory }", "memory: { kind: memory, quota: false }"),
        ],
    );
    let plan = planned(&capture);
    assert_eq!(steps(&plan), ["set the quota of project c-1:p-1"]);
    let text = serde_json::to_string(&plan.steps).expect("it has a JSON form");
    assert!(text.contains("\"removed\":[\"limitsMemory\"]"), "{text}");
}

#[test]
fn rule_13_negative_and_absurd_limits_are_held_in_every_mode() {
    for (fixture, limits) in
        [(GROWN, "{ cpu: 16, memory: 64 }"), (ADOPTED, "{ cpu: 16, memory: 64, storage: 200 }")]
    {
        for cpu in ["-1", "9223372036854775807"] {
            let absurd = ("{ kind: cpu }", "{ kind: cpu, unit_factor: 4 }");
            let plan =
                planned(&changed(fixture, &[(limits, &format!("{{ cpu: {cpu}, memory: 64 }}")), absurd]));
            assert_eq!(steps(&plan), [""; 0], "{cpu}");
            assert_eq!(notes(&plan, NoteKind::Held).len(), 1, "{cpu}: {:?}", plan.notes);
        }
    }
}

#[test]
fn rule_13_quotas_compare_as_numbers() {
    is_quiet(&changed(
        QUIET,
        &[("limitsCpu: \"8\", limitsMemory: 32Gi", "limitsCpu: 8000m, limitsMemory: 32768Mi")],
    ));
}
