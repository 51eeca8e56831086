//! Which language an answer is in. Only German is translated; it is enough to show that texts decide nothing.

/// The languages that Waldur is set up for, as its configuration lists them.
const KNOWN: [&str; 14] =
    ["en", "et", "lt", "lv", "ru", "it", "de", "da", "sv", "es", "fr", "nb", "ar", "cs"];

/// Which language an answer is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Language(&'static str);

// === impl Language ===

impl Language {
    /// Chooses by an `Accept-Language` header: the heaviest known one, English otherwise.
    pub(super) fn of(header: Option<&str>) -> Self {
        let mut wishes: Vec<(f32, &str)> = header
            .unwrap_or_default()
            .split(',')
            .map(|wish| {
                let (tag, weight) = wish.split_once(';').unwrap_or((wish, ""));
                let weight = weight.trim().strip_prefix("q=").map_or(1.0, |q| q.parse().unwrap_or(0.0));
                (weight, tag.trim())
            })
            .collect();
        wishes.sort_by(|one, other| other.0.total_cmp(&one.0));
        let known = |tag: &str| {
            let main = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
            KNOWN.into_iter().find(|known| *known == main)
        };
        Self(wishes.into_iter().filter(|wish| wish.0 > 0.0).find_map(|(_, tag)| known(tag)).unwrap_or("en"))
    }

    pub(super) fn tag(self) -> &'static str {
        self.0
    }

    /// Returns whichever text the language has.
    pub(super) fn choose(self, english: &str, german: &str) -> String {
        if self.0 == "de" { german } else { english }.to_owned()
    }
}
