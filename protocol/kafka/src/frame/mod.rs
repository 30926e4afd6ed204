//! Frames: a 32-bit length, a header, a message.

use crate::messages::{ApiVersionsResponse, api_versions_response::ApiVersion};
use crate::{
    ApiKey, Decode, DecodeError, DecodeFault, Encode, EncodeError, Encoded, ErrorCode, Message, Reader,
    Request, RequestHeader, Response, ResponseHeader, Sink, Writer,
};
use thiserror::Error;

/// Kafka's default of `socket.request.max.bytes`: 100 MiB.
pub const FRAME_BYTES_MAX_DEFAULT: usize = 100 * 1024 * 1024;

/// The lowest version of Produce to put into an ApiVersions response. Versions below 3 are not implemented and are
/// refused, as Apache Kafka 4 does, but librdkafka does not use its record batch format unless they are listed
/// (KAFKA-18659).
pub const PRODUCE_ADVERTISED_FROM: i16 = 0;

/// Why the length of a frame is refused. Nothing can follow on such a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// Below zero, or too short for the smallest header.
    #[error("a frame of {0} bytes cannot hold a request")]
    TooShort(i32),
    /// Longer than the listener accepts.
    #[error("a frame of {length} bytes is longer than the limit of {limit}")]
    TooLong {
        /// The length that the frame claims.
        length: usize,
        /// The longest that is accepted.
        limit: usize,
    },
}

/// The length of the frame that follows `prefix`, between the smallest request header and `limit`.
pub fn frame_length(prefix: [u8; 4], limit: usize) -> Result<usize, FrameError> {
    // API key, version, correlation id.
    const HEADER_BYTES_MIN: usize = 8;
    let claimed = i32::from_be_bytes(prefix);
    let Ok(length) = usize::try_from(claimed) else { return Err(FrameError::TooShort(claimed)) };
    if length < HEADER_BYTES_MIN {
        Err(FrameError::TooShort(claimed))
    } else if length > limit {
        Err(FrameError::TooLong { length, limit })
    } else {
        Ok(length)
    }
}

/// The memory that the lists of a request of this length may take: the densest honest requests need about four times
/// their length, and small ones are free to be anything.
#[must_use]
pub fn request_memory_budget(frame_length: usize) -> usize {
    frame_length.saturating_mul(4).saturating_add(1024 * 1024)
}

impl<'a> RequestHeader<'a> {
    /// Reads the header, whose own version depends on the API and version that it begins with.
    ///
    /// An API or version that this codec does not implement is no error here: the caller decides (ApiVersions must
    /// be answered). For an unknown API the older layout is assumed.
    pub fn read(reader: &mut Reader<'a>) -> Result<RequestHeader<'a>, DecodeError> {
        let mut ahead = reader.clone();
        let api = ahead.int16("RequestHeader.request_api_key")?;
        let version = ahead.int16("RequestHeader.request_api_version")?;
        let header_version = ApiKey::from_code(api).map_or(1, |api| api.request_header_version(version));
        RequestHeader::decode(reader, header_version)
    }

    /// The API, if it is one that Kafka knows.
    #[must_use]
    pub fn api(&self) -> Option<ApiKey> {
        ApiKey::from_code(self.request_api_key)
    }
}

/// Reads a whole frame (without its length): header and request. Bytes behind the request are an error.
///
/// The node reads the header first with [`RequestHeader::read`], to answer what it refuses.
pub fn decode_request(frame: &[u8]) -> Result<(RequestHeader<'_>, Request<'_>), DecodeError> {
    let mut reader = Reader::with_memory_budget(frame, request_memory_budget(frame.len()));
    let header = RequestHeader::read(&mut reader)?;
    let Some(api) = header.api() else {
        let fault = DecodeFault::UnknownApi(header.request_api_key);
        return Err(DecodeError { field: "RequestHeader.request_api_key", at: 0, fault });
    };
    let request = Request::decode(api, header.request_api_version, &mut reader)?;
    Ok((header, request))
}

/// Reads a whole frame (without its length): correlation id and response to a request of this API and version.
pub fn decode_response(frame: &[u8], api: ApiKey, version: i16) -> Result<(i32, Response<'_>), DecodeError> {
    let mut reader = Reader::new(frame);
    let header = ResponseHeader::decode(&mut reader, api.response_header_version(version))?;
    let response = Response::decode(api, version, &mut reader)?;
    Ok((header.correlation_id, response))
}

/// A whole frame, its length included, of a request.
pub fn encode_request<'a, M: Message<'a>>(
    correlation_id: i32,
    client_id: Option<&str>,
    version: i16,
    request: &M,
) -> Result<Encoded, EncodeError> {
    let header = RequestHeader {
        request_api_key: M::API.code(),
        request_api_version: version,
        correlation_id,
        client_id,
    };
    encode_frame(&header, M::API.request_header_version(version), request, version)
}

/// A whole frame, its length included, of the response to a request of this version.
pub fn encode_response<'a, M: Message<'a>>(
    correlation_id: i32,
    version: i16,
    response: &M,
) -> Result<Encoded, EncodeError> {
    let header = ResponseHeader { correlation_id };
    encode_frame(&header, M::API.response_header_version(version), response, version)
}

/// The answer to an ApiVersions request of a version that is not implemented: error 35 in the layout of version 0,
/// which every client can read, with the versions the client may try next (KIP-511).
pub fn encode_unsupported_api_versions(
    correlation_id: i32,
    advertised: Vec<ApiVersion>,
) -> Result<Encoded, EncodeError> {
    let response = ApiVersionsResponse {
        error_code: ErrorCode::UNSUPPORTED_VERSION,
        api_keys: advertised,
        ..ApiVersionsResponse::default()
    };
    encode_response(correlation_id, 0, &response)
}

fn encode_frame(
    header: &impl Encode,
    header_version: i16,
    message: &impl Encode,
    version: i16,
) -> Result<Encoded, EncodeError> {
    let mut writer = Writer::with_capacity(256);
    writer.int32(0);
    header.encode(&mut writer, header_version);
    message.encode(&mut writer, version);
    let length = writer.length() - 4;
    match i32::try_from(length) {
        Ok(length) => writer.patch_int32(0, length),
        Err(_) => return Err(EncodeError::TooLong(length)),
    }
    writer.finish()
}

#[cfg(test)]
mod tests;
