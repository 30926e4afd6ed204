//! The files that list all messages: modules, versions, and the enums over requests and responses.

use super::rust::{NOTICE, borrows, screaming, snake};
use super::schema::{Api, Message};
use std::fmt::Write;

/// `messages/mod.rs`.
pub(crate) fn modules(apis: &[Api], headers: &[Message]) -> String {
    let mut text = format!(
        "//! One module per message; the messages themselves are also named here.\n\
         //!\n\
         //! Fields carry Kafka's own names. What is not plain from the name stands with the field; the rest is in\n\
         //! Apache Kafka's protocol guide.\n{NOTICE}\
         #![allow(missing_docs, reason = \"field names are the vocabulary of the protocol\")]\n\n"
    );
    let mut uses = String::new();
    let names = apis.iter().flat_map(|api| [&api.request, &api.response]).chain(headers);
    for message in names {
        let module = snake(message.name());
        let _ = writeln!(text, "pub mod {module};");
        let _ = writeln!(uses, "pub use {module}::{};", message.name());
    }
    text.push_str("mod any;\npub(crate) mod versions;\n\npub use any::{Request, Response};\n");
    text.push_str(&uses);
    text
}

/// `testing/messages/mod.rs`.
pub(crate) fn generator_modules(apis: &[Api], headers: &[Message]) -> String {
    let mut text = format!("//! One generator per message.\n{NOTICE}");
    for message in apis.iter().flat_map(|api| [&api.request, &api.response]).chain(headers) {
        let _ = writeln!(text, "mod {};", snake(message.name()));
    }
    for (name, part) in [("Request", Part::Request), ("Response", Part::Response)] {
        let _ = writeln!(
            text,
            "\nimpl<'a> crate::{name}<'a> {{\n\
             /// An arbitrary {} of an API, in a version of it.\n\
             pub fn generate(api: crate::ApiKey, version: i16, source: &mut super::Source<'a>) -> Option<Self> {{\n\
             use super::Generate;\nuse crate::messages::*;\nSome(match api {{",
            name.to_lowercase()
        );
        for api in apis {
            let message = part.of(api);
            let api = &api.name;
            let _ = writeln!(
                text,
                "crate::ApiKey::{api} => Self::{api}({}::generate(source, version)),",
                message.name()
            );
        }
        text.push_str("_ => return None,\n})\n}\n}\n");
    }
    text
}

/// `messages/versions.rs`.
pub(crate) fn versions(apis: &[Api]) -> String {
    let mut text = format!(
        "//! The versions of each API that this codec implements.\n{NOTICE}use crate::{{ApiKey, Versions}};\n\n"
    );
    for api in apis {
        let message = &api.request;
        let _ = writeln!(
            text,
            "pub(crate) const {}: Versions = Versions {{ first: {}, last: {}, flexible_from: {}, newest_is_stable: {} }};",
            screaming(&api.name),
            message.versions.first,
            message.versions.last,
            message.flexible.map_or("None".into(), |first| format!("Some({first})")),
            !api.unstable,
        );
    }
    text.push_str("\n/// All of them, by key.\npub(crate) const ALL: &[(ApiKey, Versions)] = &[\n");
    for api in apis {
        let _ = writeln!(text, "(ApiKey::{}, {}),", api.name, screaming(&api.name));
    }
    text.push_str("];\n");
    text
}

#[derive(Clone, Copy)]
enum Part {
    Request,
    Response,
}

impl Part {
    fn of(self, api: &Api) -> &Message {
        match self {
            Part::Request => &api.request,
            Part::Response => &api.response,
        }
    }
}

/// `messages/any.rs`.
pub(crate) fn any(apis: &[Api]) -> String {
    let mut text = format!(
        "//! Any request, any response.\n{NOTICE}use super::*;\n\
         use crate::{{ApiKey, Decode, DecodeError, DecodeFault, Encode, Reader, Sink}};\n\n"
    );
    for (name, part) in [("Request", Part::Request), ("Response", Part::Response)] {
        let lower = name.to_lowercase();
        let _ = writeln!(text, "/// A {lower} of any API that this codec implements.");
        let _ = writeln!(text, "#[derive(Clone, Debug, PartialEq, Eq)]\npub enum {name}<'a> {{");
        for api in apis {
            let message = part.of(api);
            let lifetime = if borrows(message, &message.structures[0]) { "<'a>" } else { "" };
            let _ = writeln!(text, "{}({}{lifetime}),", api.name, message.name());
        }
        let _ = writeln!(
            text,
            "}}\n\nimpl<'a> {name}<'a> {{\n\
             /// Reads a {lower} of this API and version to the end of the reader; bytes behind it are an error.\n\
             pub fn decode(api: ApiKey, version: i16, reader: &mut Reader<'a>) -> Result<Self, DecodeError> {{\n\
             if let Some(versions) = api.versions() && !versions.contains(version) {{\n\
             let fault = DecodeFault::UnsupportedVersion {{ api: api.code(), version }};\n\
             return Err(reader.error(\"{name}\", fault));\n}}\nlet value = match api {{"
        );
        for api in apis {
            let _ = writeln!(text, "ApiKey::{0} => Self::{0}(Decode::decode(reader, version)?),", api.name);
        }
        let _ = writeln!(
            text,
            "other => return Err(reader.error(\"{name}\", DecodeFault::UnknownApi(other.code()))),\n}};\n\
             reader.finish()?;\nOk(value)\n}}\n\n\
             /// The API it belongs to.\n#[must_use]\npub fn api(&self) -> ApiKey {{ match self {{"
        );
        for api in apis {
            let _ = writeln!(text, "Self::{0}(_) => ApiKey::{0},", api.name);
        }
        let _ = writeln!(
            text,
            "}} }}\n}}\n\nimpl Encode for {name}<'_> {{\n\
             fn encode<S: Sink>(&self, sink: &mut S, version: i16) {{ match self {{"
        );
        for api in apis {
            let _ = writeln!(text, "Self::{}(message) => message.encode(sink, version),", api.name);
        }
        text.push_str("} }\n}\n\n");
    }
    text
}
