//! What is written can be read again, in every version of every message, and its size is known beforehand.

use proptest::prelude::*;
use ringlog_kafka::testing::Source;
use ringlog_kafka::{ApiKey, Encode, Reader, Request, Response, Writer};

fn written(message: &impl Encode, version: i16) -> Vec<u8> {
    let mut writer = Writer::new();
    message.encode(&mut writer, version);
    let encoded = writer.finish().expect("generators make only what the version can express");
    let bytes = encoded.into_bytes(|_| unreachable!("generators make no external bodies"));
    assert_eq!(message.size(version), bytes.len(), "the size is that of the bytes");
    bytes.into()
}

fn every_version(mut check: impl FnMut(ApiKey, i16)) {
    for (api, versions) in ApiKey::implemented() {
        for version in versions.first..=versions.last {
            check(api, version);
        }
    }
}

#[test]
fn defaults_round_trip_and_match_the_minimum_size() {
    every_version(|api, version| {
        let request = Request::generate(api, version, &mut Source::new(&[])).unwrap();
        let bytes = written(&request, version);
        assert_eq!(
            Request::decode(api, version, &mut Reader::new(&bytes)).unwrap(),
            request,
            "{api} {version}"
        );
        let response = Response::generate(api, version, &mut Source::new(&[])).unwrap();
        let bytes = written(&response, version);
        assert_eq!(
            Response::decode(api, version, &mut Reader::new(&bytes)).unwrap(),
            response,
            "{api} {version}"
        );
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_messages_round_trip(random in proptest::collection::vec(any::<u8>(), 0..600)) {
        every_version(|api, version| {
            let request = Request::generate(api, version, &mut Source::new(&random)).unwrap();
            let bytes = written(&request, version);
            let again = Request::decode(api, version, &mut Reader::new(&bytes)).unwrap();
            assert_eq!(again, request, "{api} {version}");
            let response = Response::generate(api, version, &mut Source::new(&random)).unwrap();
            let bytes = written(&response, version);
            let again = Response::decode(api, version, &mut Reader::new(&bytes)).unwrap();
            assert_eq!(again, response, "{api} {version}");
        });
    }

    #[test]
    fn a_cut_or_lengthened_message_is_refused(random in proptest::collection::vec(any::<u8>(), 0..300)) {
        every_version(|api, version| {
            let request = Request::generate(api, version, &mut Source::new(&random)).unwrap();
            let mut bytes = written(&request, version);
            for end in 0..bytes.len() {
                let cut = Request::decode(api, version, &mut Reader::new(&bytes[..end]));
                assert!(cut.is_err(), "{api} {version} cut at {end}");
            }
            bytes.push(0);
            assert!(Request::decode(api, version, &mut Reader::new(&bytes)).is_err(), "{api} {version} trailing");
        });
    }
}
