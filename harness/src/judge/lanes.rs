//! Lanes: who printed what, when.

use crate::catalog::NAMES;

/// The lines of one greeter, or those that are no greeter's, like the elapsed time.
#[derive(Debug)]
pub struct Lane<'a> {
    /// The greeter's name.
    pub greeter: Option<&'a str>,
    /// At least one line, in the order in which they were read, with its seconds.
    pub lines: Vec<(f64, &'a str)>,
}

impl Lane<'_> {
    /// The seconds of its first and of its last line.
    pub fn span(&self) -> (f64, f64) {
        (self.lines[0].0, self.lines[self.lines.len() - 1].0)
    }
}

/// Returns the lanes of a program's lines, each with its seconds: the greeters in the document's
/// order, then what is no greeter's.
pub fn lanes<'a>(lines: impl IntoIterator<Item = (f64, &'a str)>) -> Vec<Lane<'a>> {
    let mut lanes: Vec<Lane<'_>> = Vec::new();
    for line in lines {
        let greeter = greeter(line.1);
        match lanes.iter_mut().find(|lane| lane.greeter == greeter) {
            Some(lane) => lane.lines.push(line),
            None => lanes.push(Lane { greeter, lines: vec![line] }),
        }
    }
    let rank = |name| NAMES.iter().position(|other| *other == name).unwrap_or(NAMES.len());
    lanes.sort_by_key(|lane| (lane.greeter.is_none(), lane.greeter.map(|name| (rank(name), name))));
    lanes
}

/// Returns the greeter whose line this is: it prints the line, or returns it as its result, or the
/// line says that its time is up, or that it has succeeded.
pub fn greeter(text: &str) -> Option<&str> {
    if text == "says hello!" {
        // A listing's only greeter does not repeat its name.
        return Some(NAMES[0]);
    }
    if let Some(argument) = text.strip_prefix("some_function was called with ") {
        return Some(argument);
    }
    if text.starts_with("page ") {
        return text.get(.."page 1".len());
    }
    // The name of a machine may follow a greeting.
    let text = text.split(" from ").next().unwrap_or(text);
    let endings = [" says hello!", " is cancelled", " takes too long", " exited with 0"];
    let name = endings.iter().find_map(|ending| text.strip_suffix(ending)).unwrap_or(text);
    NAMES.contains(&name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_in_the_documents_order_and_span_their_lines() {
        let lanes = lanes([
            (0.1, "Chelsea"),
            (0.2, "Codecademy"),
            (0.3, "At once: Hisham has lost his voice"),
            (0.4, "some_function was called with arg2"),
            (0.5, "some_function was called with arg1"),
            (2.1, "Chelsea says hello! from vm"),
            (2.2, "says hello!"),
            (2.3, "Hisham exited with 3"),
            (2.4, "Asyncio Elapsed Time: 2.3 seconds"),
        ]);
        let lanes: Vec<_> = lanes.iter().map(|lane| (lane.greeter, lane.span())).collect();
        assert_eq!(
            lanes,
            [
                (Some("Codecademy"), (0.2, 2.2)),
                (Some("Chelsea"), (0.1, 2.1)),
                (Some("arg1"), (0.5, 0.5)),
                (Some("arg2"), (0.4, 0.4)),
                (None, (0.3, 2.4))
            ]
        );
        assert_eq!(greeter("Ashley exited with 0"), Some("Ashley"));
        assert_eq!(greeter("page 3 failed, attempt 1 of 3"), Some("page 3"));
        assert_eq!(greeter("7 of 8 pages"), None);
    }
}
