//! Progress of long jobs, on standard error and only where a person looks at it.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts rows; it stays away where standard error is no terminal.
pub fn bar(verb: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}, {per_sec}, {eta} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.with_message(verb)
}

/// Moves the bar, now and then: drawing costs more than deciding.
pub fn step(bar: &ProgressBar, at: u64, of: u64) {
    if at.is_multiple_of(64) || at == of {
        bar.set_length(of);
        bar.set_position(at);
    }
}
