//! The forms that a value may be shown in: narrow enough that no name, address or secret has one.

/// What the values of a key look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// An object, or a list of them: no value of its own is shown.
    Inside,
    /// A word of the system's own, such as `pending-provider`: letters, hyphens and underscores.
    Word,
    /// A UUID, or one of Rancher's ids, such as `c-m-7k2xq4vd:p-abcde`.
    Id,
    /// A number or a quantity, such as `32Gi`.
    Amount,
    /// A date or a time.
    Date,
    /// What the system explains in sentences: shown in errors, without addresses and secrets, and nowhere else.
    Sentence,
}

impl Form {
    /// Says whether a text has the form.
    pub(super) fn fits(self, text: &str) -> bool {
        match self {
            Self::Inside | Self::Sentence => false,
            Self::Word => is_word(text),
            Self::Id => is_uuid(text) || is_rancher_id(text),
            Self::Amount => is_amount(text),
            Self::Date => is_date(text),
        }
    }

    /// Says whether values may be numbers.
    pub(super) const fn takes_numbers(self) -> bool {
        matches!(self, Self::Amount)
    }
}

/// No digits: secrets have some. No spaces and dots: names of people have them.
pub(super) fn is_word(text: &str) -> bool {
    text.len() <= 40
        && text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphabetic() || matches!(letter, '-' | '_'))
}

fn is_uuid(text: &str) -> bool {
    matches!(text.len(), 32 | 36) && uuid::Uuid::try_parse(text).is_ok()
}

/// A kind, and what the server drew: five letters and digits, or eight.
fn is_rancher_id(text: &str) -> bool {
    let is_drawn = |part: &str| {
        matches!(part.len(), 5 | 8)
            && part.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    let is_id = |part: &str| {
        part == "local"
            || ["c-m-", "c-", "p-", "rt-", "prtb-"]
                .iter()
                .any(|kind| part.strip_prefix(kind).is_some_and(is_drawn))
    };
    let parts: Vec<&str> = text.split(':').collect();
    parts.len() <= 2 && parts.into_iter().all(is_id)
}

/// At most twelve digits, a point or an exponent, and a unit.
fn is_amount(text: &str) -> bool {
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let digits = number.strip_prefix('-').unwrap_or(number);
    let is_number = digits.chars().any(|letter| letter.is_ascii_digit())
        && digits.parse::<f64>().is_ok()
        && digits.len() <= 12;
    is_number
        && matches!(
            &text[number.len()..],
            "" | "m" | "k" | "K" | "M" | "G" | "T" | "Ki" | "Mi" | "Gi" | "Ti" | "Pi"
        )
}

fn is_date(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok() || text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}
