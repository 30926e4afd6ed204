// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Versions};

/// Configuration of topics, brokers and groups, with where each value comes from (KIP-133, KIP-226, KIP-569).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeConfigsResponse<'a> {
    pub throttle_time_ms: i32,
    pub results: Vec<DescribeConfigsResult<'a>>,
}

impl<'a> Decode<'a> for DescribeConfigsResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 8,
            _ => 6,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            throttle_time_ms: reader.int32("DescribeConfigsResponse.throttle_time_ms")?,
            results: reader.structures(form, version, "DescribeConfigsResponse.results")?,
        };
        reader.skip_tags(form, "DescribeConfigsResponse")?;
        Ok(value)
    }
}

impl Encode for DescribeConfigsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.int32(self.throttle_time_ms);
        sink.structures(form, version, &self.results);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeConfigsResult<'a> {
    pub error_code: ErrorCode,
    pub error_message: Option<&'a str>,
    pub resource_type: i8,
    pub resource_name: &'a str,
    pub configs: Vec<DescribeConfigsResourceResult<'a>>,
}

impl<'a> Decode<'a> for DescribeConfigsResult<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 11,
            _ => 7,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            error_code: reader.error_code("DescribeConfigsResult.error_code")?,
            error_message: reader.nullable_string(form, "DescribeConfigsResult.error_message")?,
            resource_type: reader.int8("DescribeConfigsResult.resource_type")?,
            resource_name: reader.string(form, "DescribeConfigsResult.resource_name")?,
            configs: reader.structures(form, version, "DescribeConfigsResult.configs")?,
        };
        reader.skip_tags(form, "DescribeConfigsResult")?;
        Ok(value)
    }
}

impl Encode for DescribeConfigsResult<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.error_code(self.error_code);
        sink.nullable_string(form, self.error_message);
        sink.int8(self.resource_type);
        sink.string(form, self.resource_name);
        sink.structures(form, version, &self.configs);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribeConfigsResourceResult<'a> {
    pub name: &'a str,
    pub value: Option<&'a str>,
    pub read_only: bool,
    /// 1: topic; 2: broker; 3: all brokers; 4: the broker's file; 5: default; 6: broker logger; 7: client metrics;
    /// 8: group.
    pub config_source: i8,
    pub is_sensitive: bool,
    pub synonyms: Vec<DescribeConfigsSynonym<'a>>,
    /// 1: boolean; 2: string; 3: int; 4: short; 5: long; 6: double; 7: list; 8: class; 9: password.
    pub config_type: i8,
    pub documentation: Option<&'a str>,
}

impl Default for DescribeConfigsResourceResult<'_> {
    fn default() -> Self {
        Self {
            name: "",
            value: None,
            read_only: false,
            config_source: -1,
            is_sensitive: false,
            synonyms: Vec::new(),
            config_type: 0,
            documentation: None,
        }
    }
}

impl<'a> Decode<'a> for DescribeConfigsResourceResult<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 11,
            3 => 14,
            _ => 9,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            name: reader.string(form, "DescribeConfigsResourceResult.name")?,
            value: reader.nullable_string(form, "DescribeConfigsResourceResult.value")?,
            read_only: reader.boolean("DescribeConfigsResourceResult.read_only")?,
            config_source: reader.int8("DescribeConfigsResourceResult.config_source")?,
            is_sensitive: reader.boolean("DescribeConfigsResourceResult.is_sensitive")?,
            synonyms: reader.structures(form, version, "DescribeConfigsResourceResult.synonyms")?,
            config_type: if version >= 3 {
                reader.int8("DescribeConfigsResourceResult.config_type")?
            } else {
                0
            },
            documentation: if version >= 3 {
                reader.nullable_string(form, "DescribeConfigsResourceResult.documentation")?
            } else {
                None
            },
        };
        reader.skip_tags(form, "DescribeConfigsResourceResult")?;
        Ok(value)
    }
}

impl Encode for DescribeConfigsResourceResult<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.string(form, self.name);
        sink.nullable_string(form, self.value);
        sink.boolean(self.read_only);
        sink.int8(self.config_source);
        sink.boolean(self.is_sensitive);
        sink.structures(form, version, &self.synonyms);
        if version >= 3 {
            sink.int8(self.config_type);
        }
        if version >= 3 {
            sink.nullable_string(form, self.documentation);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeConfigsSynonym<'a> {
    pub name: &'a str,
    pub value: Option<&'a str>,
    pub source: i8,
}

impl<'a> Decode<'a> for DescribeConfigsSynonym<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 5,
            _ => 4,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            name: reader.string(form, "DescribeConfigsSynonym.name")?,
            value: reader.nullable_string(form, "DescribeConfigsSynonym.value")?,
            source: reader.int8("DescribeConfigsSynonym.source")?,
        };
        reader.skip_tags(form, "DescribeConfigsSynonym")?;
        Ok(value)
    }
}

impl Encode for DescribeConfigsSynonym<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.string(form, self.name);
        sink.nullable_string(form, self.value);
        sink.int8(self.source);
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for DescribeConfigsResponse<'a> {
    const API: ApiKey = ApiKey::DescribeConfigs;
    const VERSIONS: Versions = super::versions::DESCRIBE_CONFIGS;
}
