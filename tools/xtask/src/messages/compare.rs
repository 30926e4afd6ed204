//! One definition of ours against one of Kafka's.

use super::json::{Archives, Object};
use crate::codegen::schema::{Api, Field, Kind, Message, Range, Structure};
use crate::codegen::snake;
use anyhow::{Context, Result};

/// What an API says about itself: key, and whether its newest version is final.
pub(super) fn api(api: &Api, archive: &mut Archives, differences: &mut Vec<String>) -> Result<()> {
    let request = archive.message(api.request.name())?;
    let mut check = Check { differences, place: api.name.clone() };
    check.same("key", api.key.to_string(), request.required("apiKey")?);
    check.same("unstable", api.unstable, request.is_true("latestVersionUnstable"));
    check.same(
        "key of the response",
        api.key.to_string(),
        archive.message(api.response.name())?.required("apiKey")?,
    );
    Ok(())
}

/// Versions and fields of a message.
pub(super) fn message(message: &Message, theirs: &Object, differences: &mut Vec<String>) -> Result<()> {
    let mut check = Check { differences, place: message.name().to_string() };
    let all = Range { first: i16::MIN, last: i16::MAX };
    let valid = theirs.versions("validVersions", all)?.context("no version is valid")?;
    check.same("versions", message.versions, valid);
    let flexible = theirs.versions("flexibleVersions", valid)?.map(|range| range.first);
    check.same("flexible from", message.flexible, flexible);
    let common = theirs.list("commonStructs").unwrap_or_default();
    let fields = theirs.list("fields").context("a message has fields")?;
    let pair = Pair { message, common: &common };
    pair.structure(&message.structures[0], &fields, message.versions, differences)
}

struct Check<'d> {
    differences: &'d mut Vec<String>,
    place: String,
}

impl Check<'_> {
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, ours: T, theirs: T) {
        if ours != theirs {
            self.differences.push(format!("{}: {what}: ours {ours:?}, theirs {theirs:?}", self.place));
        }
    }
}

/// Our message and what their fields may refer to.
struct Pair<'m> {
    message: &'m Message,
    common: &'m [Object],
}

impl Pair<'_> {
    /// Fields in the order of the wire, in the versions `reach` in which their structure occurs.
    fn structure(
        &self,
        ours: &Structure,
        theirs: &[Object],
        reach: Range,
        differences: &mut Vec<String>,
    ) -> Result<()> {
        let mut existing = Vec::new();
        for object in theirs {
            if let Some(versions) = object.versions("versions", reach)? {
                existing.push((object, versions));
            }
        }
        let names = |list: Vec<String>| list.join(" ");
        let their_names = existing.iter().map(|(object, _)| Ok(snake(&object.required("name")?)));
        let their_names = their_names.collect::<Result<Vec<_>>>()?;
        let our_fields: Vec<&Field> =
            ours.fields.iter().filter(|field| field.versions.within(reach).is_some()).collect();
        let our_names: Vec<String> = our_fields.iter().map(|field| field.name.clone()).collect();
        let mut check = Check { differences, place: format!("{}/{}", self.message.name(), ours.name) };
        let alike = our_names == their_names;
        check.same("fields", names(our_names), names(their_names));
        if !alike {
            return Ok(());
        }
        for (field, (object, versions)) in our_fields.into_iter().zip(existing) {
            let place = format!("{}/{}.{}", self.message.name(), ours.name, field.name);
            self.field(field, object, reach, &mut Check { differences: &mut *differences, place })?;
            self.inner(field, object, versions, differences)?;
        }
        Ok(())
    }

    fn field(&self, ours: &Field, theirs: &Object, reach: Range, check: &mut Check<'_>) -> Result<()> {
        let versions = theirs.versions("versions", reach)?;
        check.same("type", spelled(&ours.kind), theirs.required("type")?);
        check.same("versions", ours.versions.within(reach), versions);
        let nullable = match versions {
            Some(versions) => theirs.versions("nullableVersions", versions)?,
            None => None,
        };
        check.same("nullable", ours.nullable.and_then(|range| range.within(reach)), nullable);
        check.same("tag", ours.tag.map(|tag| tag.to_string()), theirs.text("tag"));
        if ours.tag.is_some() {
            check.same(
                "tagged versions",
                ours.versions.within(reach),
                theirs.versions("taggedVersions", reach)?,
            );
        }
        check.same(
            "default",
            stated(ours.default.clone(), &ours.kind),
            stated(theirs.text("default"), &ours.kind),
        );
        check.same("ignorable", ours.ignorable, theirs.is_true("ignorable"));
        check.same("rigid", ours.rigid, theirs.text("flexibleVersions").as_deref() == Some("none"));
        Ok(())
    }

    /// The fields of the structure that a field holds.
    fn inner(
        &self,
        ours: &Field,
        theirs: &Object,
        versions: Range,
        differences: &mut Vec<String>,
    ) -> Result<()> {
        let Some(name) = ours.kind.structure() else { return Ok(()) };
        let common = || self.common.iter().find(|one| one.text("name").as_deref() == Some(name));
        let fields = theirs.list("fields").or_else(|| common()?.list("fields"));
        let fields = fields.with_context(|| format!("{name} has no fields in the archive"))?;
        self.structure(self.message.structure(name), &fields, versions, differences)
    }
}

/// Our type in their words.
fn spelled(kind: &Kind) -> String {
    match kind {
        Kind::Bool => "bool".into(),
        Kind::Int8 => "int8".into(),
        Kind::Int16 | Kind::ErrorCode => "int16".into(),
        Kind::Uint16 => "uint16".into(),
        Kind::Int32 => "int32".into(),
        Kind::Int64 => "int64".into(),
        Kind::Float64 => "float64".into(),
        Kind::Uuid => "uuid".into(),
        Kind::String => "string".into(),
        Kind::Bytes => "bytes".into(),
        Kind::Records => "records".into(),
        Kind::Structure(name) => name.clone(),
        Kind::Array(element) => format!("[]{}", spelled(element)),
    }
}

/// A default, none where it is the natural one of the type; hexadecimal numbers as decimal ones.
fn stated(default: Option<String>, kind: &Kind) -> Option<String> {
    let default = default?;
    let natural = match kind {
        Kind::Bool => default == "false",
        Kind::String => default.is_empty(),
        _ => default == "0",
    };
    if natural {
        return None;
    }
    match default.strip_prefix("0x").map(|digits| i64::from_str_radix(digits, 16)) {
        Some(Ok(number)) => Some(number.to_string()),
        _ => Some(default),
    }
}
