//! Which errors a message tells of.

use crate::ErrorCode;

/// How many different codes are told apart. One message rarely has more than two.
const CODES_MAX: usize = 4;

/// The error codes of one message with their numbers, without an allocation. A message with more different codes than
/// there is room for counts the later ones as unknown errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErrorTally {
    codes: [(ErrorCode, u32); CODES_MAX],
    /// Codes that found no room.
    others: u32,
}

impl ErrorTally {
    /// Counts a code.
    #[cold]
    pub(super) fn count(&mut self, code: ErrorCode) {
        for (known, times) in &mut self.codes {
            if *times == 0 {
                *known = code;
            }
            if *known == code {
                *times += 1;
                return;
            }
        }
        self.others += 1;
    }

    /// Each code with how often it was written.
    pub fn iter(&self) -> impl Iterator<Item = (ErrorCode, u32)> {
        let others = (ErrorCode::UNKNOWN_SERVER_ERROR, self.others);
        self.codes.into_iter().chain([others]).filter(|(_, times)| *times > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_counted_and_the_fifth_different_one_is_unknown() {
        let mut tally = ErrorTally::default();
        assert_eq!(tally.iter().count(), 0);
        for code in [3, 6, 3, 9, 10, 11, 12] {
            tally.count(ErrorCode(code));
        }
        let counted: Vec<_> = tally.iter().map(|(code, times)| (code.0, times)).collect();
        assert_eq!(counted, [(3, 2), (6, 1), (9, 1), (10, 1), (-1, 2)]);
    }
}
