// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// What lies in the data directories of a broker (KIP-113, KIP-827).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeLogDirsResponse<'a> {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub results: Vec<DescribeLogDirsResult<'a>>,
}

impl<'a> Decode<'a> for DescribeLogDirsResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 8,
            2 => 6,
            _ => 8,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            throttle_time_ms: reader.int32("DescribeLogDirsResponse.throttle_time_ms")?,
            error_code: if version >= 3 {
                reader.error_code("DescribeLogDirsResponse.error_code")?
            } else {
                ErrorCode::NONE
            },
            results: reader.structures(form, version, "DescribeLogDirsResponse.results")?,
        };
        reader.skip_tags(form, "DescribeLogDirsResponse")?;
        Ok(value)
    }
}

impl Encode for DescribeLogDirsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int32(self.throttle_time_ms);
        if version >= 3 {
            sink.error_code(self.error_code);
        }
        sink.structures(form, version, &self.results);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribeLogDirsResult<'a> {
    pub error_code: ErrorCode,
    pub log_dir: &'a str,
    pub topics: Vec<DescribeLogDirsTopic<'a>>,
    pub total_bytes: i64,
    pub usable_bytes: i64,
    pub is_cordoned: bool,
}

impl Default for DescribeLogDirsResult<'_> {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            log_dir: "",
            topics: Vec::new(),
            total_bytes: -1,
            usable_bytes: -1,
            is_cordoned: false,
        }
    }
}

impl<'a> Decode<'a> for DescribeLogDirsResult<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 8,
            2..=3 => 5,
            4 => 21,
            _ => 22,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            error_code: reader.error_code("DescribeLogDirsResult.error_code")?,
            log_dir: reader.string(form, "DescribeLogDirsResult.log_dir")?,
            topics: reader.structures(form, version, "DescribeLogDirsResult.topics")?,
            total_bytes: if version >= 4 { reader.int64("DescribeLogDirsResult.total_bytes")? } else { -1 },
            usable_bytes: if version >= 4 { reader.int64("DescribeLogDirsResult.usable_bytes")? } else { -1 },
            is_cordoned: if version >= 5 {
                reader.boolean("DescribeLogDirsResult.is_cordoned")?
            } else {
                false
            },
        };
        reader.skip_tags(form, "DescribeLogDirsResult")?;
        Ok(value)
    }
}

impl Encode for DescribeLogDirsResult<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.error_code(self.error_code);
        sink.string(form, self.log_dir);
        sink.structures(form, version, &self.topics);
        if version >= 4 {
            sink.int64(self.total_bytes);
        }
        if version >= 4 {
            sink.int64(self.usable_bytes);
        }
        if version >= 5 {
            sink.boolean(self.is_cordoned);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeLogDirsTopic<'a> {
    pub name: &'a str,
    pub partitions: Vec<DescribeLogDirsPartition>,
}

impl<'a> Decode<'a> for DescribeLogDirsTopic<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 6,
            _ => 3,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            name: reader.string(form, "DescribeLogDirsTopic.name")?,
            partitions: reader.structures(form, version, "DescribeLogDirsTopic.partitions")?,
        };
        reader.skip_tags(form, "DescribeLogDirsTopic")?;
        Ok(value)
    }
}

impl Encode for DescribeLogDirsTopic<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.string(form, self.name);
        sink.structures(form, version, &self.partitions);
        sink.no_tags(form);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DescribeLogDirsPartition {
    pub partition_index: i32,
    pub partition_size: i64,
    pub offset_lag: i64,
    pub is_future_key: bool,
}

impl<'a> Decode<'a> for DescribeLogDirsPartition {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=1 => 21,
            _ => 22,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 2);
        let value = Self {
            partition_index: reader.int32("DescribeLogDirsPartition.partition_index")?,
            partition_size: reader.int64("DescribeLogDirsPartition.partition_size")?,
            offset_lag: reader.int64("DescribeLogDirsPartition.offset_lag")?,
            is_future_key: reader.boolean("DescribeLogDirsPartition.is_future_key")?,
        };
        reader.skip_tags(form, "DescribeLogDirsPartition")?;
        Ok(value)
    }
}

impl Encode for DescribeLogDirsPartition {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 2);
        sink.int32(self.partition_index);
        sink.int64(self.partition_size);
        sink.int64(self.offset_lag);
        sink.boolean(self.is_future_key);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for DescribeLogDirsResponse<'a> {
    const API: ApiKey = ApiKey::DescribeLogDirs;
    const VERSIONS: Versions = super::versions::DESCRIBE_LOG_DIRS;
}
