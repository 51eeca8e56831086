//! Without Keycloak (rule 14).

use agent::plan::Question;

use super::{changed, planned, steps};

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
