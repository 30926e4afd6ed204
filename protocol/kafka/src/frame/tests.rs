//! Frames, headers, and what a broker answers to what it does not know.

use super::*;
use crate::messages::*;
use crate::{External, Records, Segment};

fn body(frame: Encoded) -> Vec<u8> {
    let bytes = frame.into_bytes(|_| &[]);
    let length = frame_length(bytes[..4].try_into().expect("four bytes"), FRAME_BYTES_MAX_DEFAULT);
    assert_eq!(length, Ok(bytes.len() - 4));
    bytes[4..].to_vec()
}

#[test]
fn frame_lengths_are_bounded() {
    assert_eq!(frame_length((-1i32).to_be_bytes(), 100), Err(FrameError::TooShort(-1)));
    assert_eq!(frame_length(7i32.to_be_bytes(), 100), Err(FrameError::TooShort(7)));
    assert_eq!(frame_length(100i32.to_be_bytes(), 100), Ok(100));
    assert_eq!(frame_length(101i32.to_be_bytes(), 100), Err(FrameError::TooLong { length: 101, limit: 100 }));
    // `GET ` of a browser that found the wrong port.
    assert!(frame_length(*b"GET ", FRAME_BYTES_MAX_DEFAULT).is_err());
}

#[test]
fn requests_round_trip_behind_both_headers() {
    let request = MetadataRequest { topics: Some(Vec::new()), ..MetadataRequest::default() };
    for version in 1..=13 {
        let frame = body(encode_request(77, Some("client"), version, &request).expect("it can be expressed"));
        let (header, again) = decode_request(&frame).expect("it was written here");
        assert_eq!((header.correlation_id, header.client_id), (77, Some("client")));
        assert_eq!(again, Request::Metadata(request.clone()), "{version}");
    }
}

#[test]
fn responses_round_trip_behind_both_headers() {
    let response = MetadataResponse { controller_id: 3, ..MetadataResponse::default() };
    for version in 1..=13 {
        let frame = body(encode_response(-5, version, &response).expect("it can be expressed"));
        let (correlation_id, again) =
            decode_response(&frame, ApiKey::Metadata, version).expect("written here");
        assert_eq!((correlation_id, again), (-5, Response::Metadata(response.clone())));
    }
}

#[test]
fn the_header_of_an_unknown_version_can_be_read() {
    let header = [0, 18, 0, 99, 0, 0, 0, 5, 0, 1, b'c', 0, 0xff, 0xff];
    let mut reader = Reader::new(&header);
    let header = RequestHeader::read(&mut reader).expect("the header is whole");
    assert_eq!((header.api(), header.request_api_version), (Some(ApiKey::ApiVersions), 99));
    assert_eq!((header.correlation_id, header.client_id), (5, Some("c")));
}

#[test]
fn unsupported_api_versions_are_answered_in_the_oldest_layout() {
    let advertised = vec![ApiVersion { api_key: 18, min_version: 0, max_version: 4 }];
    let frame = body(encode_unsupported_api_versions(9, advertised).expect("version 0 has all of it"));
    assert_eq!(frame, [0, 0, 0, 9, 0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 4]);
}

#[test]
fn unimplemented_apis_and_versions_are_named() {
    let vote = [0, 52, 0, 0, 0, 0, 0, 1, 0xff, 0xff];
    assert_eq!(decode_request(&vote).expect_err("no such message").fault, DecodeFault::UnknownApi(52));
    let nothing = [0x7f, 0xff, 0, 0, 0, 0, 0, 1, 0xff, 0xff];
    assert_eq!(decode_request(&nothing).expect_err("no such API").fault, DecodeFault::UnknownApi(32767));
    let produce = [0, 0, 0, 2, 0, 0, 0, 1, 0xff, 0xff];
    let fault = decode_request(&produce).expect_err("too old").fault;
    assert_eq!(fault, DecodeFault::UnsupportedVersion { api: 0, version: 2 });
}

#[test]
fn a_version_that_would_lose_a_value_is_refused() {
    let request = ProduceRequest { transactional_id: Some("t"), ..ProduceRequest::default() };
    assert!(encode_request(1, None, 3, &request).is_ok());
    let request = FetchRequest { replica_id: 4, ..FetchRequest::default() };
    assert!(encode_request(1, None, 14, &request).is_ok());
    let lost = EncodeError::Unsupported { field: "FetchRequest.replica_id", version: 15 };
    assert_eq!(encode_request(1, None, 15, &request), Err(lost));
    let null = EncodeError::Null { field: "MetadataRequest.topics", version: 0 };
    assert_eq!(encode_request(1, None, 0, &MetadataRequest::default()), Err(null));
}

#[test]
fn a_response_to_an_old_client_drops_numbers_and_tags_but_not_lists() {
    let partition =
        list_offsets_response::ListOffsetsPartitionResponse { leader_epoch: 3, ..Default::default() };
    let topic = list_offsets_response::ListOffsetsTopicResponse { name: "t", partitions: vec![partition] };
    let response = ListOffsetsResponse { topics: vec![topic], ..ListOffsetsResponse::default() };
    assert!(encode_response(1, 1, &response).is_ok(), "version 1 knows no leader epochs");
    let endpoint = produce_response::NodeEndpoint { node_id: 1, host: "h", port: 1, rack: None };
    let response = ProduceResponse { node_endpoints: vec![endpoint], ..ProduceResponse::default() };
    assert!(encode_response(1, 3, &response).is_ok(), "version 3 knows no endpoints");
    let coordinator = find_coordinator_response::Coordinator::default();
    let response = FindCoordinatorResponse { coordinators: vec![coordinator], ..Default::default() };
    let lost = EncodeError::Unsupported { field: "FindCoordinatorResponse.coordinators", version: 3 };
    assert_eq!(encode_response(1, 3, &response), Err(lost), "version 3 would be answered with nothing");
}

#[test]
fn a_fetch_response_counts_bodies_that_it_does_not_hold() {
    let partition = |body, length| fetch_response::PartitionData {
        records: Some(Records::External(External { body, length })),
        ..fetch_response::PartitionData::default()
    };
    let topic = fetch_response::FetchableTopicResponse {
        partitions: vec![partition(0, 1 << 20), partition(1, 0), partition(2, 77)],
        ..fetch_response::FetchableTopicResponse::default()
    };
    let response = FetchResponse { responses: vec![topic], ..FetchResponse::default() };
    for version in 4..=18 {
        let frame = encode_response(1, version, &response).expect("it can be expressed");
        let segments = frame.segments();
        let bodies: Vec<usize> = segments
            .iter()
            .filter_map(|segment| match segment {
                Segment::External(external) => Some(external.body),
                Segment::Bytes(_) => None,
            })
            .collect();
        assert_eq!(bodies, [0, 2], "an empty body is no segment");
        let Segment::Bytes(first) = &segments[0] else { panic!("the frame begins with its length") };
        let claimed = i32::from_be_bytes(first[..4].try_into().expect("four bytes"));
        assert_eq!(usize::try_from(claimed).expect("positive"), frame.length() - 4);
        assert_eq!(frame.length() - 4, response.size(version) + if version >= 12 { 5 } else { 4 });
    }
}
