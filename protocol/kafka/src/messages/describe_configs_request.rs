// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.

use crate::{ApiKey, Decode, DecodeError, Encode, Form, Message, Reader, Sink, Versions};

/// Configuration of topics, brokers and groups, with where each value comes from (KIP-133, KIP-226, KIP-569).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeConfigsRequest<'a> {
    pub resources: Vec<DescribeConfigsResource<'a>>,
    pub include_synonyms: bool,
    pub include_documentation: bool,
}

impl<'a> Decode<'a> for DescribeConfigsRequest<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=2 => 5,
            3 => 6,
            _ => 4,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            resources: reader.structures(form, version, "DescribeConfigsRequest.resources")?,
            include_synonyms: reader.boolean("DescribeConfigsRequest.include_synonyms")?,
            include_documentation: if version >= 3 {
                reader.boolean("DescribeConfigsRequest.include_documentation")?
            } else {
                false
            },
        };
        reader.skip_tags(form, "DescribeConfigsRequest")?;
        Ok(value)
    }
}

impl Encode for DescribeConfigsRequest<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.structures(form, version, &self.resources);
        sink.boolean(self.include_synonyms);
        if version >= 3 {
            sink.boolean(self.include_documentation);
        } else if self.include_documentation {
            sink.unsupported("DescribeConfigsRequest.include_documentation", version);
        }
        sink.no_tags(form);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescribeConfigsResource<'a> {
    /// 2: topic; 4: broker; 8: broker logger; 16: client metrics; 32: group.
    pub resource_type: i8,
    pub resource_name: &'a str,
    /// Null asks for all.
    pub configuration_keys: Option<Vec<&'a str>>,
}

impl<'a> Decode<'a> for DescribeConfigsResource<'a> {
    fn minimum_size(version: i16) -> usize {
        match version {
            ..=3 => 7,
            _ => 4,
        }
    }

    fn decode(reader: &mut Reader<'a>, version: i16) -> Result<Self, DecodeError> {
        let form = Form::of(version >= 4);
        let value = Self {
            resource_type: reader.int8("DescribeConfigsResource.resource_type")?,
            resource_name: reader.string(form, "DescribeConfigsResource.resource_name")?,
            configuration_keys: reader.nullable_array(
                form,
                form.string_length_size(),
                "DescribeConfigsResource.configuration_keys",
                |reader| reader.string(form, "DescribeConfigsResource.configuration_keys"),
            )?,
        };
        reader.skip_tags(form, "DescribeConfigsResource")?;
        Ok(value)
    }
}

impl Encode for DescribeConfigsResource<'_> {
    fn encode<S: Sink>(&self, sink: &mut S, version: i16) {
        let form = Form::of(version >= 4);
        sink.int8(self.resource_type);
        sink.string(form, self.resource_name);
        sink.nullable_array(form, self.configuration_keys.as_deref(), |sink, item| sink.string(form, item));
        sink.no_tags(form);
    }
}

impl<'a> Message<'a> for DescribeConfigsRequest<'a> {
    const API: ApiKey = ApiKey::DescribeConfigs;
    const VERSIONS: Versions = super::versions::DESCRIBE_CONFIGS;
}
