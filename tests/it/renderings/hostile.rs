//! Plans full of names that try to be something else.

use agent::plan::Effect;
use agent::plan::render::Document;
use proptest::prelude::*;

/// What breaks things: ends of fences, labels, tags and lines, mentions, directions of writing.
const NASTY: &[&str] = &[
    "````",
    "\n````\n# owned\n",
    "```",
    "~~~~~",
    "</details></summary><script>alert(1)</script>",
    "<!-- ",
    "@everyone [click](https://evil.example) ![x](y)",
    "a | b | c",
    "\"]; s0[\"owned",
    "\"]\n  click s0 href \"javascript:alert(1)\"",
    "%%{init: {\"securityLevel\": \"loose\"}}%%",
    "style:#x; classDef y fill:#f00;",
    "end",
    "&quot;&lt;b&gt;#quot;",
    "' onload='alert(1)",
    "\u{202e}nimda\u{200b}\u{2028}x\u{85}y\r\nz\t\u{b}",
    "\u{1b}[31m",
    "@@ -1 +1 @@",
    "- remove everybody",
    "",
];

const LONGEST: usize = 60;

pub(super) fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(NASTY).prop_map(str::to_owned),
        2 => any::<String>(),
        1 => "[ -~]{0,60}",
        1 => (prop::sample::select(NASTY), 1_usize..40).prop_map(|(text, times)| text.repeat(times)),
    ]
    // So that nothing is left out for want of room: that is another test's.
    .prop_map(|name| name.chars().take(LONGEST).collect())
}

/// A plan of one step and one held step, with as many of each as there are names, called by them.
pub(super) fn called(names: &[String]) -> Document {
    let (mut document, _) = super::document("leaver-and-joiner");
    let (held, _) = super::document("budget-exceeded");
    let mut names = names.iter().cycle();
    let mut next = || names.next().cloned().unwrap_or_default();
    document.held = held.held;
    for name in document.offerings.values_mut() {
        *name = next();
    }
    let template = document.steps.clone();
    document.steps = (0..12)
        .map(|index| {
            let mut step = template[index % template.len()].clone();
            step.step = index;
            step.subject.title = next();
            step.deed.what = next();
            step.deed.details = vec![next(), next()];
            step.deed.people = vec![next()];
            step.why = next();
            step.after = (0..index).filter(|before| index % (before + 2) == 0).collect();
            step
        })
        .collect();
    for held in &mut document.held {
        held.subject.title = next();
        held.deed.what = next();
        held.deed.people = vec![next()];
        held.wanted = next();
        held.why = next();
    }
    for pair in document.access.gained.iter_mut().chain(&mut document.access.lost) {
        pair.name = Some(next());
        pair.title = Some(next());
    }
    let (waiting, _) = super::document("first-resource");
    document.notes = waiting.notes;
    for note in &mut document.notes {
        note.subject.title = next();
        note.what = next();
        note.hint = Some(next());
    }
    document
}

/// The same plan again and again, until it has so many steps; some take something away.
pub(super) fn large(steps: usize, removals: usize) -> Document {
    let mut document = called(&["somebody with a name of some length".to_owned()]);
    let template = document.steps[0].clone();
    document.steps = (0..steps)
        .map(|index| {
            let mut step = template.clone();
            step.step = index;
            step.deed.effect =
                if index % (steps / removals).max(1) == 0 { Effect::Takes } else { Effect::Adds };
            step.deed.what = format!("step {index} of many, with some more words to read");
            step.after = if index == 0 { Vec::new() } else { vec![index - 1] };
            step
        })
        .collect();
    document
}
