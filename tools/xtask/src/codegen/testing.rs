//! A message's tree to the generator of arbitrary values of it, for property tests.

use super::rust::{NOTICE, StructureWriter, borrows, condition, snake, uses};
use super::schema::{Field, Kind, Message, Role};
use std::fmt::Write;

/// The Rust file of one message's generators, not yet formatted.
pub(crate) fn generator_file(message: &Message) -> String {
    let mut body = String::new();
    for structure in &message.structures {
        let writer = StructureWriter { message, structure };
        let mut fields = String::new();
        for field in &structure.fields {
            let value = match condition(field.versions, structure.versions) {
                None => value(message, field),
                Some(when) => {
                    format!("if {when} {{ {} }} else {{ {} }}", value(message, field), field.default_value())
                }
            };
            let _ = writeln!(fields, "{}: {value},", field.identifier());
        }
        let version = if uses(&fields, "version") { "version" } else { "_version" };
        let source = if structure.fields.is_empty() { "_source" } else { "source" };
        let _ = writeln!(
            body,
            "impl<'a> Generate<'a> for {} {{\nfn generate({source}: &mut Source<'a>, {version}: i16) -> Self {{ Self {{\n{fields}}} }}\n}}\n",
            writer.type_name()
        );
    }
    let mut imports = format!(
        "use crate::messages::{}::*;\nuse crate::testing::{{Generate, Source}};\n",
        snake(message.name())
    );
    if uses(&body, "ErrorCode") {
        imports.push_str("use crate::ErrorCode;\n");
    }
    if uses(&body, "Uuid") {
        imports.push_str("use ringlog_model::Uuid;\n");
    }
    debug_assert!(
        message.role != Role::Header || borrows(message, &message.structures[0]) || !body.is_empty()
    );
    format!("{NOTICE}{imports}\n{body}")
}

/// The expression that makes a value of a field in a version that has it.
fn value(message: &Message, field: &Field) -> String {
    let inner = plain(message, &field.kind);
    match field.nullable {
        None => inner,
        Some(range) => match condition(range, field.versions) {
            None => format!("source.optional(|source| {inner})"),
            Some(when) => {
                format!("if {when} {{ source.optional(|source| {inner}) }} else {{ Some({inner}) }}")
            }
        },
    }
}

fn plain(message: &Message, kind: &Kind) -> String {
    let method = match kind {
        Kind::Bool => "boolean",
        Kind::Int8 => "int8",
        Kind::Int16 => "int16",
        Kind::Uint16 => "uint16",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Float64 => "float64",
        Kind::Uuid => "uuid",
        Kind::ErrorCode => "error_code",
        Kind::String => "string",
        Kind::Records if message.role != Role::Request => "records",
        Kind::Bytes | Kind::Records => "bytes",
        Kind::Structure(name) => return format!("{name}::generate(source, version)"),
        Kind::Array(element) => return format!("source.list(|source| {})", plain(message, element)),
    };
    format!("source.{method}()")
}
