//! What a check says.

use serde::Serialize;

/// How serious it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// Worth knowing; nothing has to be done.
    Note,
    /// Costs speed, or may cost safety.
    Warn,
    /// A node cannot work here, or cannot keep its promises.
    Fail,
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Note => "note",
            State::Warn => "warn",
            State::Fail => "fail",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    /// Its name, stable for scripts.
    pub(super) check: &'static str,
    /// The data directory it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) directory: Option<String>,
    pub(super) state: State,
    /// What was found.
    pub(super) found: String,
    /// Why it matters.
    pub(super) why: &'static str,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) advice: Option<String>,
    /// The command that does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) command: Option<String>,
}

/// What is looked at, before it is known what is found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) why: &'static str,
}

impl Subject {
    fn check(self, state: State, found: impl Into<String>) -> Check {
        let found = found.into();
        Check { check: self.name, directory: None, state, found, why: self.why, advice: None, command: None }
    }

    pub(super) fn ok(self, found: impl Into<String>) -> Check {
        self.check(State::Ok, found)
    }

    pub(super) fn note(self, found: impl Into<String>) -> Check {
        self.check(State::Note, found)
    }

    pub(super) fn warn(self, found: impl Into<String>) -> Check {
        self.check(State::Warn, found)
    }

    pub(super) fn fail(self, found: impl Into<String>) -> Check {
        self.check(State::Fail, found)
    }

    /// The system does not show it, as in many containers.
    pub(super) fn unseen(self) -> Check {
        self.note("not visible here")
    }
}

impl Check {
    /// Says what to do.
    pub(super) fn advise(mut self, advice: impl Into<String>) -> Check {
        self.advice = Some(advice.into());
        self
    }

    /// Says which command does it.
    pub(super) fn command(mut self, command: impl Into<String>) -> Check {
        self.command = Some(command.into());
        self
    }

    /// Says which data directory it is about.
    pub(super) fn of(mut self, directory: &str) -> Check {
        self.directory = Some(directory.to_owned());
        self
    }
}

/// Bytes as people write them.
pub(super) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut value = count as f64;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 || value >= 10.0 || value.fract() == 0.0 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_short() {
        let shown: Vec<_> = [0, 1023, 4096, 1_500_000, 1 << 30, 5 << 42].map(bytes).into();
        assert_eq!(shown, ["0 B", "1023 B", "4 KiB", "1.4 MiB", "1 GiB", "20 TiB"]);
    }

    #[test]
    fn what_does_not_apply_is_left_out_of_the_json() {
        let check = Subject { name: "swap", why: "It stalls." }.ok("none").of("/data");
        let json = serde_json::to_string(&check).unwrap();
        assert_eq!(
            json,
            r#"{"check":"swap","directory":"/data","state":"ok","found":"none","why":"It stalls."}"#
        );
    }
}
