//! The steps as boxes, and lines to what waits for them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::layers::layers;
use super::{Page, class, html, shortened};
use crate::plan::Effect;
use crate::plan::render::document::StepDocument;

/// More boxes than this nobody follows with their eyes, and a phone is slow with.
const MOST: usize = 400;

/// Letters that fit into a box.
const LETTERS: usize = 40;

const WIDTH: usize = 320;
const HEIGHT: usize = 36;
/// Room for the lines between two columns, and between two boxes of a column.
const ACROSS: usize = 56;
const DOWN: usize = 12;
const EDGE: usize = 8;

/// Draws the steps of a plan, those that take something away first where there are too many.
pub(super) fn write(out: &mut String, page: &Page<'_>) {
    let all = &page.document.steps;
    if all.is_empty() {
        out.push_str("<p>Nothing.</p>\n");
        return;
    }
    let takes = |step: &&StepDocument| step.deed.effect == Effect::Takes;
    let (first, then): (Vec<_>, Vec<_>) = all.iter().partition(takes);
    let drawn: Vec<&StepDocument> = first.into_iter().chain(then).take(MOST).collect();
    if drawn.len() < all.len() {
        let _ = writeln!(out, "<p>{} of {} steps are drawn.</p>", drawn.len(), all.len());
    }
    let columns = layers(&drawn);
    let places: BTreeMap<usize, (usize, usize)> = columns
        .iter()
        .enumerate()
        .flat_map(|(column, steps)| {
            steps.iter().enumerate().map(move |(row, step)| {
                (*step, (EDGE + column * (WIDTH + ACROSS), EDGE + row * (HEIGHT + DOWN)))
            })
        })
        .collect();
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let (width, height) =
        (columns.len() * (WIDTH + ACROSS) - ACROSS + 2 * EDGE, rows * (HEIGHT + DOWN) - DOWN + 2 * EDGE);
    let _ = writeln!(
        out,
        "<div class=\"scroll\" tabindex=\"0\">\n<svg id=\"graph\" role=\"img\" aria-label=\"Steps and what waits for \
         them\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">"
    );
    for step in &drawn {
        let to = places.get(&step.step);
        for (from, to) in step.after.iter().filter_map(|before| places.get(before).zip(to)) {
            let ((x, y), (right, low)) = ((from.0 + WIDTH, from.1 + HEIGHT / 2), (to.0, to.1 + HEIGHT / 2));
            let half = usize::midpoint(x, right);
            let _ = writeln!(out, "<path d=\"M {x} {y} C {half} {y}, {half} {low}, {right} {low}\"></path>");
        }
    }
    for step in &drawn {
        let Some((x, y)) = places.get(&step.step) else { continue };
        let effect = class(step.deed.effect);
        let marks = page.deed_marks(&step.subject.about, &step.deed, effect);
        let line = step.deed.line();
        let _ = writeln!(
            out,
            "<g class=\"{effect}\" data-node=\"{}\" {marks}><title>{}</title><rect x=\"{x}\" y=\"{y}\" \
             width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\"></rect><text x=\"{}\" y=\"{}\">{}</text></g>",
            step.step,
            html(&line),
            x + 10,
            y + HEIGHT / 2 + 4,
            html(&shortened(&line, LETTERS))
        );
    }
    out.push_str("</svg>\n</div>\n");
}
