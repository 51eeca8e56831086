//! Rule 14: without Keycloak people are bound directly. And rule 15, as far as it concerns them.

use agent::model::Reading;
use agent::model::capture::Capture;
use agent::plan::guard::guard;
use agent::plan::{Hold, NoteKind, Plan, Question};

use super::access::before;
use super::{changed, notes, planned, steps};

const FIRST: &str = include_str!("../../../fixtures/direct-first.yaml");
const LEAVER: &str = include_str!("../../../fixtures/direct-leaver.yaml");
const NEVER: &str = include_str!("../../../fixtures/direct-never-logged-in.yaml");
const TO_GROUPS: &str = include_str!("../../../fixtures/direct-to-groups.yaml");
const FROM_GROUPS: &str = include_str!("../../../fixtures/direct-from-groups.yaml");

const GROUP: &str = "project_a0000000000000000000000000000001_project-member";

fn bound(plan: &Plan) -> Vec<String> {
    steps(plan).into_iter().filter(|step| step.starts_with("bind ")).collect()
}

#[test]
fn rule_14_a_user_is_known_by_login_name_principal_or_id_in_any_case() {
    for name in ["K-ADA", "k-ada", "keycloakoidc_user://k-ada", "u-ada", "local://U-Ada"] {
        let plan = planned(&changed(FIRST, &[("username: k-ada", &format!("username: \"{name}\""))]));
        let ada = format!("bind {name} (user u-ada) as project-member to c-1:p-1");
        let ada =
            if name == "u-ada" { "bind user u-ada as project-member to c-1:p-1".to_owned() } else { ada };
        assert!(bound(&plan).contains(&ada), "{:?}", steps(&plan));
    }
    let plan = planned(&changed(FIRST, &[("username: bea", "username: BEA")]));
    assert!(bound(&plan).contains(&"bind BEA (user u-bea) as project-member to c-1:p-1".to_owned()));
}

#[test]
fn rule_14_a_name_that_several_users_have_binds_nobody() {
    let plan = planned(&changed(
        FIRST,
        &[(
            "u-eda: { principals: [\"local://u-eda\"",
            "u-eda: { username: BEA, principals: [\"local://u-eda\"",
        )],
    ));
    assert_eq!(bound(&plan), ["bind k-ada (user u-ada) as project-member to c-1:p-1"]);
    assert_eq!(notes(&plan, NoteKind::Held), ["bea may be several users of Rancher: u-bea, u-eda"]);
}

#[test]
fn rule_14_the_agents_own_user_and_the_creators_binding_are_never_touched() {
    let own = planned(&changed(FIRST, &[("username: bea", "username: admin")]));
    assert_eq!(bound(&own), ["bind k-ada (user u-ada) as project-member to c-1:p-1"]);
    assert_eq!(notes(&own, NoteKind::Unmanaged).len(), 2, "{:?}", own.notes);
    // Whatever marks somebody wrote on them.
    let marked = "            role: project-owner
            subject: { user: u-admin }
            annotations:
              waldur/managed: \"true\"
              waldur/offering_uuid: 0ff00000000000000000000000000001
              waldur/resource_uuid: ce500000000000000000000000000001";
    let creator = "            role: project-owner\n            subject: { user: u-admin }";
    for name in ["creator-project-owner", "somebody"] {
        let plan = planned(&changed(LEAVER, &[(creator, marked), ("creator-project-owner", name)]));
        assert_eq!(
            steps(&plan),
            [
                "bind k-eda (user u-eda) as project-member to c-1:p-1",
                "unbind Bea (user u-bea) as project-member from c-1:p-1"
            ],
            "{name}"
        );
    }
}

#[test]
fn rule_14_additions_and_removals_wait_for_waldurs_team() {
    let mut capture = changed(LEAVER, &[]);
    capture.world.offerings.values_mut().for_each(|offering| offering.teams.clear());
    let plan = planned(&capture);
    assert_eq!(steps(&plan), [""; 0]);
    assert!(matches!(plan.questions.iter().next(), Some(Question::Team { .. })), "{:?}", plan.questions);
    assert_eq!(
        notes(&plan, NoteKind::Held),
        ["not confirmed by Waldur's team of the resource: 1 to add, 1 to remove"]
    );
}

#[test]
fn rule_14_another_role_is_bound_before_the_old_one_goes() {
    let capture = changed(
        LEAVER,
        &[(
            "role: project-member\n            subject: { user: u-ada }",
            "role: read-only\n            subject: { user: u-ada }",
        )],
    );
    let order = before(&capture);
    let (new, old) = (
        "bind k-ada (user u-ada) as project-member to c-1:p-1",
        "unbind k-ada (user u-ada) as read-only from c-1:p-1",
    );
    assert!(order[old].contains(new), "{order:?}");
    // Nobody loses what cannot be replaced.
    let locked =
        ("project-member: { context: project }", "project-member: { context: project, locked: true }");
    let role = (
        "role: project-member\n            subject: { user: u-ada }",
        "role: read-only\n            subject: { user: u-ada }",
    );
    let plan = planned(&changed(LEAVER, &[role, locked]));
    assert_eq!(steps(&plan), ["unbind Bea (user u-bea) as project-member from c-1:p-1"]);
}

#[test]
fn rule_14_losses_are_counted_and_held_beyond_the_budget() {
    let tight =
        ("world:\n  taken_at", "  budget: { people: 0, percent: 0, group_members: 5 }\nworld:\n  taken_at");
    let capture = changed(LEAVER, &[tight]);
    let plan = planned(&capture);
    let verdict = guard(&plan, &capture.world, &capture.policy, None).expect("no circle");
    assert!(matches!(verdict.held[0].hold, Hold::OverBudget { would: 1, may: 0 }), "{:?}", verdict.held);
    assert_eq!(verdict.admitted.steps().len(), 1, "whoever joined is let in");
    let release = verdict.release.expect("it can be released");
    let released = guard(&plan, &capture.world, &capture.policy, Some(&release)).expect("no circle");
    assert_eq!(released.admitted.losses().len(), 1);
    let person = &released.admitted.losses().keys().next().expect("one").person;
    assert_eq!(person.to_string(), "local://u-bea");
}

#[test]
fn rule_12_a_restricted_resource_takes_every_binding_of_ours_without_asking() {
    let mut capture = changed(
        LEAVER,
        &[(
            "limits: { cpu: 8, memory: 32 }",
            "limits: { cpu: 8, memory: 32 }\n            access: restricted",
        )],
    );
    capture.world.offerings.values_mut().for_each(|offering| offering.teams.clear());
    let plan = planned(&capture);
    assert_eq!(
        steps(&plan),
        [
            "unbind Bea (user u-bea) as project-member from c-1:p-1",
            "unbind k-ada (user u-ada) as project-member from c-1:p-1"
        ]
    );
}

#[test]
fn rule_14_a_stray_goes_once_everybody_in_the_team_is_known() {
    let eda = (
        "        complete:\n          u-admin:",
        "        complete:\n          u-eda: { username: eda }\n          u-admin:",
    );
    let plan = planned(&changed(NEVER, &[eda]));
    assert!(steps(&plan).contains(&"unbind zoe (user u-zoe) as project-member from c-1:p-1".to_owned()));
    // Whom Rancher does not know any more is a stray, too.
    let gone = ("          u-zoe: { username: zoe, principals: [\"local://u-zoe\"] }\n", "");
    let plan = planned(&changed(NEVER, &[eda, gone]));
    assert!(
        steps(&plan).contains(&"unbind user u-zoe as project-member from c-1:p-1".to_owned()),
        "{:?}",
        steps(&plan)
    );
}

#[test]
fn rule_14_nobody_is_unbound_while_something_was_not_read() {
    fn cut<T: Default>() -> Reading<T> {
        Reading::Partial { got: T::default(), holes: vec!["a page was lost".to_owned()] }
    }
    for what in ["people", "bindings", "users"] {
        let mut capture = changed(LEAVER, &[]);
        let offering = capture.world.offerings.values_mut().next().expect("an offering");
        let cluster = capture.world.clusters.values_mut().next().expect("a cluster");
        match what {
            "people" => offering.people = cut(),
            "bindings" => {
                let got = cluster.bindings.known().expect("bindings").clone();
                cluster.bindings = Reading::Partial { got, holes: vec!["a page was lost".to_owned()] };
            }
            _ => cluster.users = Some(cut()),
        }
        let plan = planned(&capture);
        assert!(!steps(&plan).iter().any(|step| step.starts_with("unbind")), "{what}: {:?}", steps(&plan));
        assert!(plan.is_blind_somewhere(), "{what}");
    }
}

#[test]
fn rule_14_a_capture_without_users_is_held_and_says_what_to_do() {
    let mut capture = changed(FIRST, &[]);
    capture.world.clusters.values_mut().for_each(|cluster| cluster.users = None);
    let plan = planned(&capture);
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(
        notes(&plan, NoteKind::Held),
        ["who logs in to Rancher was not asked: without Keycloak people are bound directly"]
    );
}

#[test]
fn rule_14_a_persons_own_binding_goes_after_the_groups_and_their_membership() {
    let order = before(&changed(TO_GROUPS, &[]));
    let first = &order["unbind k-ada (user u-ada) as project-member from c-1:p-1"];
    assert!(first.contains(&format!("add ada to {GROUP}")), "{first:?}");
    assert!(first.iter().any(|step| step.starts_with("bind keycloakoidc_group://")), "{first:?}");
    let capture = changed(TO_GROUPS, &[]);
    let verdict = guard(&planned(&capture), &capture.world, &capture.policy, None).expect("no circle");
    assert_eq!(verdict.admitted.losses().len(), 0, "nobody loses anything");
}

#[test]
fn rule_15_with_keycloak_down_people_keep_their_own_bindings() {
    let mut capture = changed(TO_GROUPS, &[]);
    for realm in capture.world.realms.values_mut() {
        realm.groups = Reading::Unavailable("connection refused".to_owned());
    }
    let plan = planned(&capture);
    assert_eq!(steps(&plan), [""; 0]);
    assert!(plan.is_blind_somewhere());
}

#[test]
fn rule_14_a_groups_binding_stays_until_everybody_is_bound_directly() {
    let order = before(&changed(FROM_GROUPS, &[]));
    let unbind = format!("unbind keycloakoidc_group://{GROUP} as project-member from c-1:p-1");
    assert_eq!(order[&unbind].len(), 2, "{order:?}");
    // Bea has never logged in: whoever comes through the group keeps coming.
    let bea = ("          u-bea: { username: Bea, principals: [\"local://u-bea\"] }\n", "");
    let plan = planned(&changed(FROM_GROUPS, &[bea]));
    assert_eq!(steps(&plan), ["bind k-ada (user u-ada) as project-member to c-1:p-1"]);
    assert_eq!(notes(&plan, NoteKind::Waiting).len(), 1, "{:?}", plan.notes);
    let held = notes(&plan, NoteKind::Held);
    assert!(held.len() == 1 && held[0].contains("stays bound"), "{held:?}");
}

#[test]
fn rule_16_a_scope_without_members_binds_and_unbinds_nobody() {
    let scope = (
        "c-1\n      role: project-member\n",
        "c-1\n      role: project-member\n      scope: { members: false }\n",
    );
    let plan = planned(&changed(LEAVER, &[scope]));
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(plan.notes, []);
}

#[test]
fn no_name_of_a_person_is_left_in_a_capture_without_keycloak() {
    let note = "subject: { user: u-ada }\n            annotations:";
    let shown = format!("{note}\n              auth.cattle.io/principal-display-name: Ada Lovelace");
    let Capture { policy, world, .. } = changed(LEAVER, &[(note, &shown)]);
    let renamed = Capture::new(policy, agent::model::pseudonym::world(world));
    let text = renamed.to_yaml().expect("it has a YAML form").to_lowercase();
    for name in ["ada@", "lovelace", "u-ada", "k-ada", "k-eda", "u-bea", "username: bea"] {
        assert!(!text.contains(name), "{name} is left:\n{text}");
    }
    // The plan is the same but for the names.
    let kinds = |plan: &Plan| plan.steps.iter().map(|step| step.reason.clone()).collect::<Vec<_>>();
    assert_eq!(kinds(&planned(&renamed)), kinds(&planned(&changed(LEAVER, &[]))));
    assert_eq!(planned(&renamed).notes, []);
}

#[test]
fn rule_14_without_keycloak_nothing_is_asked_of_it() {
    let mut capture = changed(include_str!("../../../fixtures/first-resource.yaml"), &[]);
    capture.policy.offerings.values_mut().for_each(|offering| offering.keycloak = None);
    capture.world.realms.clear();
    let plan = planned(&capture);
    let made = steps(&plan).into_iter().filter(|step| step.starts_with("create project")).count();
    assert_eq!(made, 1, "{:?}", steps(&plan));
    let asks_keycloak = |question: &Question| match question {
        Question::Account { .. } | Question::Namesakes { .. } => true,
        Question::Team { .. } | Question::Inside { .. } => false,
    };
    assert!(!plan.questions.iter().any(asks_keycloak), "{:?}", plan.questions);
}
