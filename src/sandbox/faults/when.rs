//! Which of the matching calls a fault hits.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use super::grammar::{self, BadFault};
use crate::sandbox::chance::mix;

/// Which of the calls that a fault matches are hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// All of them.
    Always,
    /// A share of them, written `10%` or `10% seed 7`.
    Share(Share),
    /// These of them by number, written `#3`, `#3..5` or `#3..`.
    Calls(Calls),
}

/// A share of calls, chosen by a hash of the call's number: the same numbers in every run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Of a million calls, at most all of them.
    millionths: u32,
    seed: u64,
}

/// A range of calls, counted from 1 since the fault was injected; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    first: NonZeroU64,
    last: Option<NonZeroU64>,
}

/// All calls, in millionths.
const WHOLE: u32 = 1_000_000;

impl When {
    /// Returns whether the matching call with this number, counted from 1, is hit.
    pub fn hits(&self, call: u64) -> bool {
        match self {
            Self::Always => true,
            Self::Share(share) => share.hits(call),
            Self::Calls(calls) => calls.hits(call),
        }
    }
}

impl Share {
    /// Returns the share of `millionths` in a million, chosen by `seed`; more than all is all.
    pub fn new(millionths: u32, seed: u64) -> Self {
        Self { millionths: millionths.min(WHOLE), seed }
    }

    fn hits(self, call: u64) -> bool {
        mix(self.seed ^ mix(call)) % u64::from(WHOLE) < u64::from(self.millionths)
    }

    /// Reads `10`, `0.5` or `12.3456` per cent.
    pub(super) fn parse(percent: &str, seed: u64) -> Option<Self> {
        let (whole, fraction) = percent.split_once('.').unwrap_or((percent, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.len() > 4 {
            return None;
        }
        let whole: u32 = whole.parse().ok().filter(|percent| *percent <= 100)?;
        let fraction: u32 = format!("{fraction:0<4}").parse().ok()?;
        let millionths = whole * 10_000 + fraction;
        (millionths <= WHOLE).then_some(Self { millionths, seed })
    }
}

impl Calls {
    /// Returns the range from call `first` to call `last`, or without an end. Nothing if it would be empty.
    pub fn new(first: u64, last: Option<u64>) -> Option<Self> {
        let last = match last {
            Some(last) if last < first => return None,
            Some(last) => Some(NonZeroU64::new(last)?),
            None => None,
        };
        Some(Self { first: NonZeroU64::new(first)?, last })
    }

    /// Returns the range of one call. Nothing for call 0: they are counted from 1.
    pub fn only(call: u64) -> Option<Self> {
        Self::new(call, Some(call))
    }

    fn hits(self, call: u64) -> bool {
        self.first.get() <= call && self.last.is_none_or(|last| call <= last.get())
    }

    /// Reads `3`, `3..5` or `3..`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let Some((first, last)) = text.split_once("..") else { return Self::only(text.parse().ok()?) };
        let last = if last.is_empty() { None } else { Some(last.parse().ok()?) };
        Self::new(first.parse().ok()?, last)
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => f.write_str("always"),
            Self::Share(share) => share.fmt(f),
            Self::Calls(calls) => calls.fmt(f),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.millionths / 10_000, self.millionths % 10_000);
        write!(f, "{whole}")?;
        if fraction != 0 {
            write!(f, ".{}", format!("{fraction:04}").trim_end_matches('0'))?;
        }
        f.write_str("%")?;
        if self.seed != 0 {
            write!(f, " seed {}", self.seed)?;
        }
        Ok(())
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last {
            Some(last) if last == self.first => write!(f, "#{last}"),
            Some(last) => write!(f, "#{}..{last}", self.first),
            None => write!(f, "#{}..", self.first),
        }
    }
}

impl FromStr for When {
    type Err = BadFault;

    fn from_str(text: &str) -> Result<Self, BadFault> {
        grammar::whole(text, grammar::when)
    }
}
