//! Orders (rules 9, 13 and 17): what must be so before an order is completed, and what is never done for one.

use std::collections::BTreeMap;

use agent::model::Reading;
use agent::model::capture::Capture;
use agent::model::world::ResourceState;
use agent::plan::guard::guard;
use agent::plan::note::Detail;
use agent::plan::{Action, Fingerprint, NoteKind, Question, render};

use super::access::before;
use super::{changed, notes, planned, steps};

const CREATE: &str = include_str!("../../../fixtures/order-create.yaml");
const UPDATE: &str = include_str!("../../../fixtures/order-update.yaml");
const TERMINATE: &str = include_str!("../../../fixtures/order-terminate.yaml");
const ORDER: &str = "order 0de50000000000000000000000000001";

fn completes(capture: &Capture) -> bool {
    planned(capture).steps.iter().any(|step| matches!(step.action, Action::CompleteOrder(_)))
}

#[test]
fn rule_17_nothing_is_done_for_an_order_before_it_is_taken() {
    for (fixture, kind, first) in [
        (CREATE, "Create", "create project waldur-galaxy-survey in c-1"),
        (UPDATE, "Update", "set the quota of project c-1:p-1"),
        (TERMINATE, "Terminate", "delete project waldur-galaxy-survey (c-1:p-1)"),
    ] {
        let before = before(&changed(fixture, &[]));
        let take = format!("take the {kind} {ORDER}");
        assert!(before[first].contains(&take), "{first} waits for {:?}", before[first]);
        assert!(before[&take].is_empty());
    }
}

#[test]
fn rule_17_an_order_is_completed_after_every_step_of_its_resource_and_not_after_its_people() {
    let before = before(&changed(CREATE, &[]));
    let waits_for = &before[&format!("complete the Create {ORDER}")];
    for step in ["create project", "tell Waldur", "bind ", "take the"] {
        assert!(waits_for.iter().any(|one| one.starts_with(step)), "{step}: {waits_for:?}");
    }
    assert!(!waits_for.iter().any(|one| one.starts_with("add ")), "{waits_for:?}");
}

#[test]
fn rule_17_an_order_stays_open_while_anything_of_it_cannot_be_done() {
    assert!(completes(&changed(CREATE, &[])));
    // A system that is down neither completes nor fails it.
    let mut capture = changed(CREATE, &[]);
    capture
        .world
        .clusters
        .values_mut()
        .for_each(|one| one.projects = Reading::Unavailable("down".to_owned()));
    assert!(!completes(&capture));
    let mut capture = changed(UPDATE, &[]);
    for cluster in capture.world.clusters.values_mut() {
        cluster.inside.namespaces = Some(Reading::Unavailable("down".to_owned()));
    }
    assert!(!completes(&capture), "{:?}", steps(&planned(&capture)));
    // What a plan includes could not be read.
    let limits = ("limits: { complete: { cpu: 16, memory: 64 } }", "limits: { unavailable: down }");
    let plan = planned(&changed(UPDATE, &[limits]));
    assert_eq!(steps(&plan), [format!("take the Update {ORDER}")]);
    assert!(notes(&plan, NoteKind::Waiting).iter().any(|what| what.contains("stays open")));
}

#[test]
fn rule_17_orders_are_left_alone_where_orders_are_switched_off() {
    for fixture in [CREATE, UPDATE, TERMINATE] {
        let place = "      cluster: https://rancher.example/c-1\n";
        let off = (place, "      cluster: https://rancher.example/c-1\n      scope: { projects: false }\n");
        let plan = planned(&changed(fixture, &[off]));
        let touched =
            |step: &&String| ["order", "project waldur", "quota"].iter().any(|word| step.contains(word));
        assert_eq!(steps(&plan).iter().find(touched), None);
    }
}

#[test]
fn rule_17_what_was_failed_by_us_is_not_taken_up_again() {
    let again = include_str!("../../../fixtures/order-update-failed-by-waldur.yaml");
    assert!(steps(&planned(&changed(again, &[])))[0].ends_with(" again"));
    for (from, to) in [
        ("since: 2026", "failed_by_us: true, since: 2026"),
        // An agent that fails an order leaves an erred resource behind; Waldur's own task leaves it alone.
        ("state: OK", "state: Erred"),
        ("kind: Update", "kind: Terminate"),
    ] {
        let plan = planned(&changed(again, &[(from, to)]));
        assert!(!steps(&plan).iter().any(|step| step.contains("order")), "{to}: {:?}", steps(&plan));
    }
}

#[test]
fn rule_9_a_project_goes_on_positive_evidence_only() {
    // The list of resources lacks it; it may have been cut.
    let gone = (
        "        complete:\n          ce500000000000000000000000000001:",
        "        complete:\n          ce500000000000000000000000000009:",
    );
    let plan = planned(&changed(include_str!("../../../fixtures/resource-terminated.yaml"), &[gone]));
    assert!(!steps(&plan).iter().any(|step| step.starts_with("delete project")), "{:?}", steps(&plan));
    // It carries the mark of another resource.
    let other = (
        "waldur/resource_uuid: ce500000000000000000000000000001",
        "waldur/resource_uuid: ce500000000000000000000000000007",
    );
    let plan = planned(&changed(TERMINATE, &[other]));
    assert!(!steps(&plan).iter().any(|step| step.starts_with("delete project")), "{:?}", steps(&plan));
    // What lies in it, or who is bound to it, was not read.
    let mut capture = changed(TERMINATE, &[]);
    for cluster in capture.world.clusters.values_mut() {
        cluster.bindings = Reading::Partial { got: BTreeMap::new(), holes: vec!["a page".to_owned()] };
    }
    assert!(!steps(&planned(&capture)).iter().any(|step| step.starts_with("delete project")));
    assert!(!completes(&capture));
}

#[test]
fn what_an_order_will_need_is_asked_at_once() {
    let asked = |orders: bool| {
        let mut capture = changed(CREATE, &[]);
        for offering in capture.world.offerings.values_mut() {
            offering.teams.clear();
            if !orders {
                offering.orders = Reading::Complete(BTreeMap::new());
                for resource in offering.resources.known_mut().into_iter().flat_map(BTreeMap::values_mut) {
                    resource.state = ResourceState::Ok;
                }
            }
        }
        for realm in capture.world.realms.values_mut() {
            realm.accounts.clear();
            realm.namesakes.clear();
        }
        let questions = planned(&capture).questions;
        let count = |is: fn(&Question) -> bool| questions.iter().filter(|question| is(question)).count();
        [
            count(|question| matches!(question, Question::Account { .. })),
            count(|question| matches!(question, Question::Team { .. })),
            count(|question| matches!(question, Question::Namesakes { .. })),
        ]
    };
    assert_eq!(asked(true), [2, 1, 2]);
    // Who waits for nobody's order may stay unknown for long: no more is asked on their account.
    assert_eq!(asked(false), [2, 0, 0]);
}

#[test]
fn pods_that_go_with_a_project_are_told_and_no_part_of_what_is_approved() {
    let counts = "          archive: { complete: 0 }\n          forecasts: { complete: 14 }\n";
    let counted = changed(TERMINATE, &[]);
    let fingerprint = Fingerprint::of(planned(&counted).steps.iter().map(|step| &step.action));
    for (now, said) in [
        (counts, "2 namespaces with 14 pods are deleted with all that is in them: archive, forecasts"),
        (
            "          archive: { complete: 0 }\n          forecasts: { complete: 1 }\n",
            "2 namespaces with 1 pod are deleted",
        ),
        (
            "          archive: { complete: 0 }\n          forecasts: { complete: 0 }\n",
            "2 namespaces without pods are deleted",
        ),
        // Less than all is not all, and zero is no word for what nobody knows.
        (
            "          archive: { complete: 3 }\n          forecasts: { unavailable: refused }\n",
            "2 namespaces are deleted with all that is in them: archive, forecasts (pods not counted)",
        ),
    ] {
        let capture = changed(TERMINATE, &[(counts, now)]);
        let plan = planned(&capture);
        let verdict = guard(&plan, &capture.world, &capture.policy, None).unwrap();
        let text = render::text::render(render::Review { plan: &plan, verdict: &verdict });
        assert!(text.contains(said), "{text}");
        assert_eq!(Fingerprint::of(plan.steps.iter().map(|step| &step.action)), fingerprint, "{said}");
        assert!(!plan.questions.iter().any(|question| matches!(question, Question::Inside { .. })), "{said}");
    }
    // Whoever was not asked is asked, of what goes and of nothing else.
    let plan = planned(&changed(TERMINATE, &[("        pods:\n", ""), (counts, "")]));
    let asked: Vec<String> = plan.questions.iter().filter_map(pods_of).collect();
    assert_eq!(asked, ["archive", "forecasts"]);
}

fn pods_of(question: &Question) -> Option<String> {
    let Question::Inside { cluster: _, what: Detail::Pods(namespace) } = question else { return None };
    Some(namespace.to_string())
}

#[test]
fn rule_17_an_end_is_completed_only_if_nothing_of_it_can_be_left() {
    let nothing = include_str!("../../../fixtures/order-terminate-nothing-left.yaml");
    assert!(completes(&changed(nothing, &[])));
    let cut = ("projects: { complete: {} }", "projects: { partial: {}, holes: [a page] }");
    let mut capture = changed(nothing, &[]);
    for cluster in capture.world.clusters.values_mut() {
        cluster.projects = Reading::Partial { got: BTreeMap::new(), holes: vec![cut.1.to_owned()] };
    }
    assert!(!completes(&capture));
}

#[test]
fn rule_12_a_role_that_is_gone_fails_a_new_order_and_no_other() {
    let role = ("project-member: { context: project }", "viewer: { context: project }");
    let plan = planned(&changed(CREATE, &[role]));
    let kinds: Vec<_> = plan.steps.iter().map(|step| step.action.clone()).collect();
    assert!(matches!(kinds.as_slice(), [Action::TakeOrder(_), Action::FailOrder(_)]), "{:?}", steps(&plan));
    let plan = planned(&changed(UPDATE, &[role]));
    assert!(
        plan.steps.iter().any(|step| matches!(step.action, Action::CompleteOrder(_))),
        "{:?}",
        steps(&plan)
    );
    // Nor does a change fail because a binding that somebody deleted cannot be made again.
    let mut capture = changed(UPDATE, &[role]);
    for cluster in capture.world.clusters.values_mut() {
        cluster.bindings = Reading::Complete(BTreeMap::new());
    }
    assert!(completes(&capture), "{:?}", steps(&planned(&capture)));
}

#[test]
fn rule_17_what_was_ordered_anew_goes_before_what_failed() {
    let again = include_str!("../../../fixtures/order-update-failed-by-waldur.yaml");
    let failed = "          0de50000000000000000000000000001: {";
    for uuid in ["0de50000000000000000000000000000", "0de50000000000000000000000000002"] {
        for (state, first) in [("pending-provider", "take"), ("executing", "unbind")] {
            let end = format!(
                "          {uuid}: {{ resource: ce500000000000000000000000000001, kind: Terminate, state: {state}, \
                 since: 2026-11-23T07:59:00Z }}\n{failed}"
            );
            let plan = planned(&changed(again, &[(failed, &end)]));
            let about_it: Vec<_> =
                steps(&plan).into_iter().filter(|step| !step.starts_with("note that")).collect();
            assert!(about_it[0].starts_with(first), "{state}: {about_it:?}");
            assert!(about_it.last().unwrap().ends_with(uuid), "{state}: {about_it:?}");
            assert!(!about_it.iter().any(|step| step.contains("quota")), "{state}: {about_it:?}");
        }
    }
}

#[test]
fn rule_17_an_order_is_not_taken_while_its_resource_was_not_read() {
    for fixture in [CREATE, UPDATE, TERMINATE] {
        let mut capture = changed(fixture, &[]);
        for offering in capture.world.offerings.values_mut() {
            offering.resources =
                Reading::Partial { got: BTreeMap::new(), holes: vec!["a page was lost".to_owned()] };
        }
        let plan = planned(&capture);
        assert_eq!(steps(&plan), Vec::<String>::new());
        assert!(notes(&plan, NoteKind::Waiting).iter().any(|what| what.contains("was not read")));
    }
}
