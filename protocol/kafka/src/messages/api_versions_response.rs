// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, ErrorCode, Form, Message, Reader, Sink, Tag, Versions};

/// Which APIs and versions a broker speaks; the first request of most clients (KIP-35, KIP-511, KIP-1242).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiVersionsResponse<'a> {
    pub error_code: ErrorCode,
    pub api_keys: Vec<ApiVersion>,
    pub throttle_time_ms: i32,
    pub supported_features: Vec<SupportedFeatureKey<'a>>,
    /// -1 if it is not known.
    pub finalized_features_epoch: i64,
    pub finalized_features: Vec<FinalizedFeatureKey<'a>>,
    pub zk_migration_ready: bool,
}

impl Default for ApiVersionsResponse<'_> {
    fn default() -> Self {
        Self {
            error_code: ErrorCode::NONE,
            api_keys: Vec::new(),
            throttle_time_ms: 0,
            supported_features: Vec::new(),
            finalized_features_epoch: -1,
            finalized_features: Vec::new(),
            zk_migration_ready: false,
        }
    }
}

impl<'a> Decode<'a> for ApiVersionsResponse<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=0 => 6,
            1..=2 => 10,
            _ => 8,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 3);
        let mut value = Self {
            error_code: reader.error_code("ApiVersionsResponse.error_code")?,
            api_keys: reader.structures(form, version, "ApiVersionsResponse.api_keys")?,
            throttle_time_ms: if version >= 1 {
                reader.int32("ApiVersionsResponse.throttle_time_ms")?
            } else {
                0
            },
            supported_features: Vec::new(),
            finalized_features_epoch: -1,
            finalized_features: Vec::new(),
            zk_migration_ready: false,
        };
        if form == Form::Compact {
            reader.tags("ApiVersionsResponse", |reader, tag| {
                match tag {
                    0 => {
                        value.supported_features = reader.structures(
                            Form::Compact,
                            version,
                            "ApiVersionsResponse.supported_features",
                        )?
                    }
                    1 => {
                        value.finalized_features_epoch =
                            reader.int64("ApiVersionsResponse.finalized_features_epoch")?
                    }
                    2 => {
                        value.finalized_features = reader.structures(
                            Form::Compact,
                            version,
                            "ApiVersionsResponse.finalized_features",
                        )?
                    }
                    3 => {
                        value.zk_migration_ready = reader.boolean("ApiVersionsResponse.zk_migration_ready")?
                    }
                    _ => return Ok(Tag::Unknown),
                }
                Ok(Tag::Read)
            })?;
        }
        Ok(value)
    }
}

impl Encode for ApiVersionsResponse<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 3);
        sink.error_code(self.error_code);
        sink.structures(form, version, &self.api_keys);
        if version >= 1 {
            sink.int32(self.throttle_time_ms);
        }
        if form == Form::Compact {
            sink.varint(
                u32::from(!self.supported_features.is_empty())
                    + u32::from(self.finalized_features_epoch != -1)
                    + u32::from(!self.finalized_features.is_empty())
                    + u32::from(self.zk_migration_ready),
            );
            if !self.supported_features.is_empty() {
                let mark = sink.begin_tag(0);
                sink.structures(Form::Compact, version, &self.supported_features);
                sink.end_tag(mark);
            }
            if self.finalized_features_epoch != -1 {
                let mark = sink.begin_tag(1);
                sink.int64(self.finalized_features_epoch);
                sink.end_tag(mark);
            }
            if !self.finalized_features.is_empty() {
                let mark = sink.begin_tag(2);
                sink.structures(Form::Compact, version, &self.finalized_features);
                sink.end_tag(mark);
            }
            if self.zk_migration_ready {
                let mark = sink.begin_tag(3);
                sink.boolean(self.zk_migration_ready);
                sink.end_tag(mark);
            }
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApiVersion {
    pub api_key: i16,
    pub min_version: i16,
    pub max_version: i16,
}

impl<'a> Decode<'a> for ApiVersion {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 6,
            _ => 7,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 3);
        let value = Self {
            api_key: reader.int16("ApiVersion.api_key")?,
            min_version: reader.int16("ApiVersion.min_version")?,
            max_version: reader.int16("ApiVersion.max_version")?,
        };
        reader.skip_tags(form, "ApiVersion")?;
        Ok(value)
    }
}

impl Encode for ApiVersion {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 3);
        sink.int16(self.api_key);
        sink.int16(self.min_version);
        sink.int16(self.max_version);
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SupportedFeatureKey<'a> {
    pub name: &'a str,
    pub min_version: i16,
    pub max_version: i16,
}

impl<'a> Decode<'a> for SupportedFeatureKey<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: reader.string(Form::Compact, "SupportedFeatureKey.name")?,
            min_version: reader.int16("SupportedFeatureKey.min_version")?,
            max_version: reader.int16("SupportedFeatureKey.max_version")?,
        };
        reader.skip_tags(Form::Compact, "SupportedFeatureKey")?;
        Ok(value)
    }
}

impl Encode for SupportedFeatureKey<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Compact, self.name);
        sink.int16(self.min_version);
        sink.int16(self.max_version);
        sink.no_tags(Form::Compact);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FinalizedFeatureKey<'a> {
    pub name: &'a str,
    pub max_version_level: i16,
    pub min_version_level: i16,
}

impl<'a> Decode<'a> for FinalizedFeatureKey<'a> {
    fn minimum_size(_version: i16) -> usize {
        6
    }

    fn decode(reader: &mut Reader<'a>, _version: i16) -> Result<Self, DecodeError> {
        let value = Self {
            name: reader.string(Form::Compact, "FinalizedFeatureKey.name")?,
            max_version_level: reader.int16("FinalizedFeatureKey.max_version_level")?,
            min_version_level: reader.int16("FinalizedFeatureKey.min_version_level")?,
        };
        reader.skip_tags(Form::Compact, "FinalizedFeatureKey")?;
        Ok(value)
    }
}

impl Encode for FinalizedFeatureKey<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, _version: i16) {
        sink.string(Form::Compact, self.name);
        sink.int16(self.max_version_level);
        sink.int16(self.min_version_level);
        sink.no_tags(Form::Compact);
    }
}

impl<'a> Message<'a> for ApiVersionsResponse<'a> {
    const API: ApiKey = ApiKey::ApiVersions;
    const VERSIONS: Versions = super::versions::API_VERSIONS;
}
