//! Every decoder against bytes that nobody meant: no panic, and no more memory than the frame can hold.

use proptest::prelude::*;
use ringlog_kafka::testing::Source;
use ringlog_kafka::{
    ApiKey, DecodeError, Encode, Reader, Request, Response, Writer, decode_request, decode_response,
    request_memory_budget,
};

/// Bytes that `work` takes from the allocator, freed again or not. Only this thread is counted: the test harness
/// allocates on its own while the test runs.
fn allocated<T>(work: impl FnOnce() -> T) -> usize {
    let taken = allocation_counter::measure(|| drop(work()));
    usize::try_from(taken.bytes_total).unwrap_or(usize::MAX)
}

/// Decodes under a budget and checks that it is kept.
fn within_budget<'f, T>(
    frame: &'f [u8],
    budget: usize,
    decode: impl Fn(&mut Reader<'f>) -> Result<T, DecodeError>,
) -> Result<(), TestCaseError> {
    let taken = allocated(|| decode(&mut Reader::with_memory_budget(frame, budget)));
    prop_assert!(taken <= budget, "{taken} bytes for a frame of {}, {budget} were allowed", frame.len());
    Ok(())
}

/// A decoder of one message in one version.
#[derive(Clone, Copy, Debug)]
struct Target {
    api: ApiKey,
    version: i16,
}

impl Target {
    fn all() -> impl Iterator<Item = Target> {
        ApiKey::implemented().flat_map(|(api, versions)| {
            (versions.first..=versions.last).map(move |version| Target { api, version })
        })
    }

    fn check(self, frame: &[u8]) -> Result<(), TestCaseError> {
        for budget in [0, 1000, request_memory_budget(frame.len())] {
            within_budget(frame, budget, |reader| Request::decode(self.api, self.version, reader))?;
            within_budget(frame, budget, |reader| Response::decode(self.api, self.version, reader))?;
        }
        // Without a budget the frame itself is the bound: no element of a list is more than 128 times larger in
        // memory than on the wire.
        within_natural_bound(frame, |reader| Request::decode(self.api, self.version, reader).map(drop))?;
        within_natural_bound(frame, |reader| Response::decode(self.api, self.version, reader).map(drop))
    }

    /// A valid request and a valid response.
    fn valid(self, random: &[u8]) -> [Vec<u8>; 2] {
        let source = || Source::new(random);
        let request = Request::generate(self.api, self.version, &mut source()).expect("implemented");
        let response = Response::generate(self.api, self.version, &mut source()).expect("implemented");
        [written(&request, self.version), written(&response, self.version)]
    }
}

fn within_natural_bound<'f>(
    frame: &'f [u8],
    decode: impl Fn(&mut Reader<'f>) -> Result<(), DecodeError>,
) -> Result<(), TestCaseError> {
    let taken = allocated(|| decode(&mut Reader::new(frame)));
    prop_assert!(taken <= 128 * frame.len(), "{taken} bytes for a frame of {}", frame.len());
    Ok(())
}

fn written(message: &impl Encode, version: i16) -> Vec<u8> {
    let mut writer = Writer::new();
    message.encode(&mut writer, version);
    writer.finish().expect("generators make only what the version can express").into_bytes(|_| &[]).into()
}

/// What an attacker or a broken disk does to a frame.
#[derive(Clone, Debug)]
enum Damage {
    Flip { at: usize, mask: u8 },
    Overwrite { at: usize, with: &'static [u8] },
    Cut { at: usize },
    Repeat { at: usize, length: usize },
}

impl Damage {
    fn any() -> impl Strategy<Value = Damage> {
        let extremes: &[&'static [u8]] = &[
            &[0x7f, 0xff, 0xff, 0xff],
            &[0x80, 0, 0, 0],
            &[0xff, 0xff, 0xff, 0xfe],
            &[0x7f, 0xff],
            &[0xff, 0xff, 0xff, 0xff, 0x0f],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0, 0xff, 0xff, 0xff],
        ];
        prop_oneof![
            (any::<usize>(), 1..=u8::MAX).prop_map(|(at, mask)| Damage::Flip { at, mask }),
            (any::<usize>(), prop::sample::select(extremes))
                .prop_map(|(at, with)| Damage::Overwrite { at, with }),
            any::<usize>().prop_map(|at| Damage::Cut { at }),
            (any::<usize>(), 1..64usize).prop_map(|(at, length)| Damage::Repeat { at, length }),
        ]
    }

    fn apply(&self, frame: &mut Vec<u8>) {
        if frame.is_empty() {
            return;
        }
        let length = frame.len();
        match *self {
            Damage::Flip { at, mask } => frame[at % length] ^= mask,
            Damage::Overwrite { at, with } => {
                for (place, byte) in frame[at % length..].iter_mut().zip(with) {
                    *place = *byte;
                }
            }
            Damage::Cut { at } => frame.truncate(at % length),
            Damage::Repeat { at, length: count } => {
                let at = at % length;
                let piece = frame[at..length.min(at + count)].to_vec();
                frame.splice(at..at, piece);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_bytes_neither_panic_nor_take_more_memory_than_they_may(
        random in prop::collection::vec(any::<u8>(), 0..600),
        damages in prop::collection::vec(Damage::any(), 1..4),
    ) {
        prop_assert!(allocated(|| vec![0u8; 5000]) >= 5000, "the allocator counts");
        for target in Target::all() {
            target.check(&random)?;
            for mut frame in target.valid(&random) {
                for damage in &damages {
                    damage.apply(&mut frame);
                    target.check(&frame)?;
                }
            }
        }
        // Whole frames, as a listener hands them over.
        let mut frame = random.clone();
        for code in 0..95i16 {
            if frame.len() < 8 {
                break;
            }
            frame[..2].copy_from_slice(&code.to_be_bytes());
            frame[2] = 0;
            frame[3] %= 20;
            let _ = decode_request(&frame);
        }
        for target in Target::all() {
            let _ = decode_response(&random, target.api, target.version);
        }
    }
}
