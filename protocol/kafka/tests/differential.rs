//! Our codec against an independent one, the crate `kafka-protocol`: for every API and version that both know, what
//! we write it reads, writes back as the same bytes, and we read again as the same message.

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey as TheirKey, RequestKind, ResponseKind};
use proptest::prelude::*;
use ringlog_kafka::testing::Source;
use ringlog_kafka::{ApiKey, Encode, Reader, Request, Response, Writer};

/// Every API and version that both codecs know.
fn shared() -> impl Iterator<Item = (ApiKey, TheirKey, i16)> {
    ApiKey::implemented().flat_map(|(api, ours)| {
        let their = TheirKey::try_from(api.code()).expect("it knows all these APIs");
        let theirs = their.valid_versions();
        (ours.first.max(theirs.min)..=ours.last.min(theirs.max)).map(move |version| (api, their, version))
    })
}

fn written(message: &impl Encode, version: i16) -> Bytes {
    let mut writer = Writer::new();
    message.encode(&mut writer, version);
    let encoded = writer.finish().expect("generators make only what the version can express");
    encoded.into_bytes(|_| unreachable!("generators make no external bodies"))
}

/// Their message, or nothing where their table of versions names one that their message does not have.
fn known<T>(decoded: anyhow::Result<T>) -> Option<T> {
    match decoded {
        Ok(message) => Some(message),
        Err(error) if format!("{error:#}").contains("specified version not supported") => None,
        Err(error) => panic!("it does not read what we write: {error:#}"),
    }
}

fn request_through_theirs(bytes: &Bytes, their: TheirKey, version: i16) -> Option<Bytes> {
    let mut rest = bytes.clone();
    let message = known(RequestKind::decode(their, &mut rest, version))?;
    assert!(rest.is_empty(), "it reads all of it");
    let mut again = BytesMut::new();
    message.encode(&mut again, version).expect("it writes what it reads");
    Some(again.freeze())
}

fn response_through_theirs(bytes: &Bytes, their: TheirKey, version: i16) -> Option<Bytes> {
    let mut rest = bytes.clone();
    let message = known(ResponseKind::decode(their, &mut rest, version))?;
    assert!(rest.is_empty(), "it reads all of it");
    let mut again = BytesMut::new();
    message.encode(&mut again, version).expect("it writes what it reads");
    Some(again.freeze())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requests_are_the_same_to_both(random in proptest::collection::vec(any::<u8>(), 0..800)) {
        for (api, their, version) in shared() {
            let request = Request::generate(api, version, &mut Source::new(&random)).expect("implemented");
            let bytes = written(&request, version);
            let Some(again) = request_through_theirs(&bytes, their, version) else { continue };
            assert_eq!(again, bytes, "{api} {version} {request:?}");
            assert_eq!(Request::decode(api, version, &mut Reader::new(&again)), Ok(request), "{api} {version}");
        }
    }

    #[test]
    fn responses_are_the_same_to_both(random in proptest::collection::vec(any::<u8>(), 0..800)) {
        for (api, their, version) in shared() {
            let response = Response::generate(api, version, &mut Source::new(&random)).expect("implemented");
            let bytes = written(&response, version);
            let Some(again) = response_through_theirs(&bytes, their, version) else { continue };
            assert_eq!(again, bytes, "{api} {version} {response:?}");
            assert_eq!(Response::decode(api, version, &mut Reader::new(&again)), Ok(response), "{api} {version}");
        }
    }
}

#[test]
fn nearly_all_versions_are_compared() {
    let all: usize = ApiKey::implemented().map(|(_, v)| (v.first..=v.last).count()).sum();
    let mut compared = 0;
    for (api, their, version) in shared() {
        let request = Request::generate(api, version, &mut Source::new(&[])).expect("implemented");
        let response = Response::generate(api, version, &mut Source::new(&[])).expect("implemented");
        let request = request_through_theirs(&written(&request, version), their, version);
        let response = response_through_theirs(&written(&response, version), their, version);
        if request.is_some() && response.is_some() {
            compared += 1;
        } else {
            println!("not compared: {api} {version}");
        }
    }
    println!("{compared} of {all} versions are compared");
    assert!(compared + 10 >= all, "only {compared} of {all} versions are known to both");
}
