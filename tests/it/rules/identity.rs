//! Identity (rules 1 to 4): whose a project, a group and a binding is.

use agent::plan::{Action, NoteKind};

use super::{GROUP, QUIET, changed, is_quiet, notes, planned, steps};

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
fn rule_1_a_project_that_somebody_renamed_stays_the_resources_own() {
    is_quiet(&changed(QUIET, &[("name: waldur-galaxy-survey", "name: renamed-by-hand")]));
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

/// The quiet world in which the project says less than our mark.
fn with_annotations(rest: &str) -> agent::model::capture::Capture {
    let whole = "              waldur/managed: \"true\"
              waldur/offering_uuid: 0ff00000000000000000000000000001
              waldur/resource_uuid: ce500000000000000000000000000001
              waldur/project_slug";
    changed(QUIET, &[(whole, &format!("{rest}              waldur/project_slug"))])
}

#[test]
fn rule_2_what_waldur_names_is_adopted_when_it_carries_no_mark() {
    let plan = planned(&with_annotations(""));
    assert_eq!(steps(&plan), ["adopt project waldur-galaxy-survey (c-1:p-1)"]);
}

#[test]
fn rule_2_half_a_mark_makes_no_project_ours() {
    let half = "              waldur/resource_uuid: ce500000000000000000000000000002\n";
    let plan = planned(&with_annotations(half));
    assert_eq!(steps(&plan), [""; 0]);
    let held = "its backend_id names c-1:p-1, which carries the mark of another resource";
    assert_eq!(notes(&plan, NoteKind::Held), [held]);
}

#[test]
fn rule_2_of_two_with_one_mark_waldur_names_the_right_one_and_else_it_is_the_oldest() {
    let twins = include_str!("../../../fixtures/two-projects-one-mark.yaml");
    let (state, newest) = ("state: OK\n", "state: OK\n            backend_id: c-1:p-2\n");
    for (change, other) in [((state, newest), "c-1:p-1"), ((state, state), "c-1:p-2")] {
        let plan = planned(&changed(twins, &[change]));
        let told = format!("a second project carries its mark: {other}");
        assert!(notes(&plan, NoteKind::Unmanaged).contains(&told.as_str()), "{:?}", plan.notes);
    }
}

#[test]
fn rule_2_an_older_agents_project_must_agree_in_mark_project_and_organization() {
    let moving = include_str!("../../../fixtures/moving-over.yaml");
    let own = "annotations: { waldur/managed: \"true\", waldur/project_slug: astronomy, waldur/organization: university }";
    let adopt = "adopt project waldur-star-atlas (c-1:p-2)".to_owned();
    assert!(steps(&planned(&changed(moving, &[(own, own)]))).contains(&adopt));
    for (said, other) in [
        ("\"true\"", "\"false\""),
        ("project_slug: astronomy", "project_slug: biology"),
        ("organization: university", "organization: institute"),
    ] {
        let plan = planned(&changed(moving, &[(own, &own.replace(said, other))]));
        assert!(!steps(&plan).contains(&adopt), "{other}: {:?}", steps(&plan));
        let is_held = |note: &&str| note.starts_with("a project of its name is there");
        assert!(notes(&plan, NoteKind::Held).iter().any(is_held), "{other}: {:?}", plan.notes);
    }
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

/// A second one of the name is refused; another name in a later version would bind everybody twice.
#[test]
fn rule_4_a_binding_has_the_same_name_each_time() {
    let capture = changed(include_str!("../../../fixtures/first-resource.yaml"), &[]);
    for _ in 0..2 {
        let names = planned(&capture).steps.into_iter().filter_map(|step| {
            let Action::Bind(bind) = step.action else { return None };
            Some(bind.name.to_string())
        });
        assert_eq!(names.collect::<Vec<_>>(), ["waldur-b34e62c9509d214f323c"]);
    }
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
fn rule_3_another_role_name_orphans_no_group() {
    let plan = planned(&changed(QUIET, &[("role_name: project-member", "role_name: team")]));
    assert_eq!(steps(&plan), [""; 0]);
    assert_eq!(
        notes(&plan, NoteKind::Unmanaged),
        [format!("{GROUP} keeps its name, although keycloak_role_name is team now")]
    );
}
