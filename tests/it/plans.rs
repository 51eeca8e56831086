//! Golden plans: one fixture, one snapshot, one `#[test]` each.

use agent::model::capture::Capture;
use agent::plan::{guard, plan, render};

fn planned(text: &str) -> String {
    let capture = Capture::from_yaml(text).expect("the fixture is a captured world");
    let plan = plan(&capture.world, &capture.policy);
    let verdict = guard::guard(&plan, &capture.world, &capture.policy, None).expect("no circle");
    render::text::render(render::Review { plan: &plan, verdict: &verdict })
}

macro_rules! golden {
    ($($name:ident = $file:literal;)+) => {
        $(
            #[test]
            fn $name() {
                let text = include_str!(concat!("../../fixtures/", $file, ".yaml"));
                insta::with_settings!({
                    snapshot_path => "../../plans", prepend_module_to_snapshot => false, omit_expression => true,
                }, { insta::assert_snapshot!($file, planned(text)); });
            }
        )+
    };
}

golden! {
    the_first_resource_of_a_new_site = "first-resource";
}
