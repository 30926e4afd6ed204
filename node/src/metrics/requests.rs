//! Requests by their kind: how many, how large, how long; and errors by their code.

use ringlog_kafka::{ApiKey, ErrorCode, ErrorTally};
use ringlog_native::Op;
use ringlog_reactor::metrics::{Counter, Histogram};

/// Kafka's numbers below this are told apart; the largest in use is 92.
const APIS: usize = 128;
/// The native operations of clients below this are told apart.
const OPS: usize = 64;
/// Error codes from -1 up to here are told apart; the largest in use is 133.
const CODES: usize = 192;

/// What a request asks for, by its number in its protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestKind {
    /// An API of Kafka.
    Kafka(i16),
    /// An operation of Ringlog's own protocol.
    Native(u16),
}

/// The requests of one kind.
#[derive(Debug, Default)]
pub(crate) struct OfKind {
    /// Frames received.
    pub(crate) requests: Counter,
    /// From the whole frame to its answer handed to the socket, in microseconds. What was not answered is not in it.
    pub(crate) duration: Histogram,
}

/// The requests of one shard. All memory is taken when the shard starts.
#[derive(Debug)]
pub(crate) struct Requests {
    kafka: Box<[OfKind]>,
    native: Box<[OfKind]>,
    /// The code is the index less one; the last counts all that are larger.
    errors: Box<[Counter]>,
}

impl Default for Requests {
    fn default() -> Requests {
        Requests {
            kafka: (0..APIS).map(|_| OfKind::default()).collect(),
            native: (0..OPS).map(|_| OfKind::default()).collect(),
            errors: (0..CODES).map(|_| Counter::default()).collect(),
        }
    }
}

impl Requests {
    /// A request came in.
    pub(crate) fn begun(&self, kind: RequestKind) {
        self.of(kind).requests.add(1);
    }

    /// A request was answered after so long.
    pub(crate) fn answered(&self, kind: RequestKind, nanos: u64) {
        self.of(kind).duration.record_nanos(nanos);
    }

    /// A client was told of an error.
    pub(crate) fn error(&self, code: i16, times: u32) {
        let index = usize::try_from(i32::from(code) + 1).unwrap_or(0).min(CODES - 1);
        self.errors[index].add(u64::from(times));
    }

    /// A client was told of the errors in a response.
    pub(crate) fn errors(&self, tally: &ErrorTally) {
        for (code, times) in tally.iter() {
            self.error(code.0, times);
        }
    }

    /// Requests of all kinds.
    pub(crate) fn total(&self) -> u64 {
        self.kafka.iter().chain(&self.native).map(|of| of.requests.get()).sum()
    }

    /// The requests of a kind.
    pub(crate) fn of(&self, kind: RequestKind) -> &OfKind {
        // Numbers beyond the tables belong to no request that is served; they share the last place.
        match kind {
            RequestKind::Kafka(api) => &self.kafka[usize::try_from(api).unwrap_or(APIS - 1).min(APIS - 1)],
            RequestKind::Native(op) => &self.native[usize::from(op).min(OPS - 1)],
        }
    }

    /// Shows what happened at least once: protocol, name, numbers.
    pub(crate) fn visit(&self, mut show: impl FnMut(&'static str, String, &OfKind)) {
        for (code, of) in self.kafka.iter().enumerate().filter(|(_, of)| of.requests.get() > 0) {
            let api = i16::try_from(code).ok().and_then(ApiKey::from_code);
            show("kafka", api.map_or_else(|| "unknown".to_owned(), |api| api.name().to_owned()), of);
        }
        for (number, of) in self.native.iter().enumerate().filter(|(_, of)| of.requests.get() > 0) {
            let op = Op(u16::try_from(number).expect("a small table"));
            show("native", op.to_string().replace(' ', "_"), of);
        }
    }

    /// Shows the errors that happened: name and number of times.
    pub(crate) fn visit_errors(&self, mut show: impl FnMut(String, u64)) {
        for (index, counter) in self.errors.iter().enumerate().filter(|(_, counter)| counter.get() > 0) {
            let code = ErrorCode(i16::try_from(index).expect("a small table") - 1);
            show(code.name().map_or_else(|| code.0.to_string(), str::to_owned), counter.get());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_happened_is_shown_under_its_name() {
        let requests = Requests::default();
        requests.begun(RequestKind::Kafka(1));
        requests.begun(RequestKind::Kafka(-7));
        requests.begun(RequestKind::Native(13));
        requests.answered(RequestKind::Kafka(1), 5_000);
        let mut seen = Vec::new();
        requests.visit(|protocol, name, of| seen.push((protocol, name, of.duration.count())));
        let expected = [("kafka", "Fetch", 1), ("kafka", "unknown", 0), ("native", "topic_describe", 0)];
        assert_eq!(seen, expected.map(|(protocol, name, count)| (protocol, name.to_owned(), count)));
    }

    #[test]
    fn errors_are_counted_by_name() {
        let requests = Requests::default();
        requests.error(-1, 1);
        requests.error(3, 2);
        requests.error(i16::MAX, 1);
        let mut seen = Vec::new();
        requests.visit_errors(|name, times| seen.push((name, times)));
        let expected = [("UNKNOWN_SERVER_ERROR", 1), ("UNKNOWN_TOPIC_OR_PARTITION", 2), ("190", 1)];
        assert_eq!(seen, expected.map(|(name, times)| (name.to_owned(), times)));
    }
}
