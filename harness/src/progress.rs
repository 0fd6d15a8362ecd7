//! How far a long work has come, on stderr.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line that says how much is done, `3 of 40 runs`, and what its message says. It moves by itself.
pub fn bar(unit: &str, is_shown: bool) -> ProgressBar {
    let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    let template = format!("{{spinner}} {{pos}} of {{len}} {unit}, {{wide_msg}}");
    bar.set_style(ProgressStyle::with_template(&template).expect("the template is right"));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
