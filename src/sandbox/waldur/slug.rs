//! Slugs as Waldur makes them: some letters of the name, and a number.

/// How many letters of the name a slug keeps.
const LETTERS: usize = 8;

/// Returns the next slug for a name: nothing keeps it unique but the number at its end.
pub(super) fn next<'a>(name: &str, taken: impl Iterator<Item = &'a str>) -> String {
    let mut letters = String::new();
    for letter in name.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            letters.push(letter);
        } else if (letter.is_whitespace() || letter == '-') && !letters.ends_with('-') {
            letters.push('-');
        }
    }
    let stem: String = letters.trim_matches('-').chars().take(LETTERS).collect();
    let number = |slug: &str| slug.strip_prefix(&stem)?.strip_prefix('-')?.parse::<u32>().ok();
    let highest = taken.filter_map(number).max().unwrap_or(0);
    format!("{stem}-{}", highest + 1)
}
