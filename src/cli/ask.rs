//! A question to whoever sits at the terminal.

use std::io::{BufRead as _, IsTerminal as _};

use super::failure::Failure;
use super::style;

/// Asks on the terminal about what was shown. Anything but "yes" is a no.
pub(super) async fn is_confirmed(question: &str, shown: &str) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        let hint = format!("look at {shown} above, then pass --auto-approve");
        return Err(Failure::new("nobody can be asked: the input is no terminal; nothing was done", hint));
    }
    style::ask(question)?;
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    })
    .await
    .map_err(std::io::Error::other)??;
    Ok(is_yes(&answer))
}

/// Returns whether an answer is a yes: the whole word, and nothing else.
fn is_yes(answer: &str) -> bool {
    answer.trim() == "yes"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_but_the_whole_word_is_a_no() {
        assert!(is_yes("yes\n") && is_yes(" yes "));
        for answer in ["", "\n", "y", "Yes", "yes!", "no", "yes yes"] {
            assert!(!is_yes(answer), "{answer:?}");
        }
    }
}
