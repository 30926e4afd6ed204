//! A message's tree to the Rust of its file: structures, defaults, decoding, encoding.

use super::schema::{Field, Kind, Message, Range, Role, Structure};
use std::fmt::Write;

/// What a generated file opens with.
pub(crate) const NOTICE: &str =
    "// Written by `cargo xtask codegen` from protocol/kafka/schema. Change the schema, not this file.\n\n";

/// The Rust file of one message, not yet formatted.
pub(crate) fn message_file(message: &Message, api: Option<&str>) -> String {
    let mut body = String::new();
    for structure in &message.structures {
        let writer = StructureWriter { message, structure };
        writer.declaration(&mut body);
        writer.default(&mut body);
        writer.decode(&mut body);
        writer.encode(&mut body);
    }
    if let Some(api) = api {
        let name = &message.structures[0].name;
        let lifetime = if borrows(message, &message.structures[0]) { "<'a>" } else { "" };
        let _ = writeln!(
            body,
            "impl<'a> Message<'a> for {name}{lifetime} {{\n const API: ApiKey = ApiKey::{api};\n const VERSIONS: Versions = super::versions::{};\n}}",
            screaming(api)
        );
    }
    format!("{NOTICE}{}\n{body}", imports(&body))
}

/// The names of the crate that the text uses.
fn imports(body: &str) -> String {
    const NAMES: [&str; 14] = [
        "ApiKey",
        "Decode",
        "DecodeError",
        "Encode",
        "ErrorCode",
        "Float64",
        "Form",
        "Message",
        "Reader",
        "Records",
        "Sink",
        "Tag",
        "Versions",
        "testing",
    ];
    let used: Vec<&str> = NAMES.into_iter().filter(|name| uses(body, name)).collect();
    let mut text = format!("use crate::{{{}}};\n", used.join(", "));
    if uses(body, "Uuid") {
        text.push_str("use ringlog_model::Uuid;\n");
    }
    text
}

/// Whether `name` stands in the text as a word.
pub(crate) fn uses(text: &str, name: &str) -> bool {
    let word = |at: Option<char>| at.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(name).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + name.len()..]);
        // A field of the same name is written to (`name: `) or read from something (`self.name`); a path goes on with `::`.
        let is_field = before.ends_with('.') || (behind.starts_with(':') && !behind.starts_with("::"));
        !word(before.chars().next_back()) && !word(behind.chars().next()) && !is_field
    })
}

/// Whether the structure holds anything of the frame.
pub(crate) fn borrows(message: &Message, structure: &Structure) -> bool {
    structure.fields.iter().any(|field| kind_borrows(message, &field.kind))
}

fn kind_borrows(message: &Message, kind: &Kind) -> bool {
    match kind {
        Kind::String | Kind::Bytes | Kind::Records => true,
        Kind::Structure(name) => borrows(message, message.structure(name)),
        Kind::Array(element) => kind_borrows(message, element),
        _ => false,
    }
}

pub(crate) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let after_lower = at > 0 && !letters[at - 1].is_ascii_uppercase();
        let before_lower = at > 0 && letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && (after_lower || before_lower) {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

pub(crate) fn screaming(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

/// `version >= 3` for the versions `range` out of `all`; none if that is always so.
pub(crate) fn condition(range: Range, all: Range) -> Option<String> {
    match (range.first > all.first, range.last < all.last) {
        (false, false) => None,
        (true, false) => Some(format!("version >= {}", range.first)),
        (false, true) => Some(format!("version <= {}", range.last)),
        (true, true) if range.first == range.last => Some(format!("version == {}", range.first)),
        (true, true) => Some(format!("({}..={}).contains(&version)", range.first, range.last)),
    }
}

/// Everything about one structure of a message.
pub(crate) struct StructureWriter<'m> {
    pub(crate) message: &'m Message,
    pub(crate) structure: &'m Structure,
}

impl StructureWriter<'_> {
    fn name(&self) -> &str {
        &self.structure.name
    }

    pub(crate) fn type_name(&self) -> String {
        format!("{}{}", self.name(), if borrows(self.message, self.structure) { "<'a>" } else { "" })
    }

    /// `Structure.field`, for errors.
    fn path(&self, field: &Field) -> String {
        format!("\"{}.{}\"", self.name(), field.name)
    }

    /// The versions in which the structure is in compact form.
    fn flexible(&self) -> Option<Range> {
        let all = self.structure.versions;
        self.message.flexible.and_then(|first| Range { first, last: i16::MAX }.within(all))
    }

    /// How the code names the form of lengths: a constant where all versions of the structure agree.
    fn form(&self) -> &'static str {
        match self.flexible() {
            None => "Form::Classic",
            Some(range) if range.covers(self.structure.versions) => "Form::Compact",
            Some(_) => "form",
        }
    }

    fn form_of(&self, field: &Field) -> &'static str {
        if field.rigid { "Form::Classic" } else { self.form() }
    }

    /// `let form = ..`, where the text needs it.
    fn form_line(&self, text: &str) -> String {
        match self.flexible() {
            Some(range) if uses(text, "form") => {
                format!("let form = Form::of(version >= {});\n", range.first)
            }
            _ => String::new(),
        }
    }

    fn declaration(&self, out: &mut String) {
        for line in &self.structure.docs {
            let _ = writeln!(out, "/// {line}");
        }
        let natural = self.structure.fields.iter().all(|field| field.has_natural_default());
        let default = if natural { "Default, " } else { "" };
        let copy =
            if self.structure.fields.iter().all(|field| self.is_number(&field.kind)) { "Copy, " } else { "" };
        let _ = writeln!(out, "#[derive(Clone, {copy}Debug, {default}PartialEq, Eq)]");
        let _ = writeln!(out, "pub struct {} {{", self.type_name());
        for field in &self.structure.fields {
            for line in &field.docs {
                let _ = writeln!(out, "/// {line}");
            }
            let _ = writeln!(out, "pub {}: {},", field.identifier(), self.field_type(field));
        }
        out.push_str("}\n\n");
    }

    fn is_number(&self, kind: &Kind) -> bool {
        !matches!(kind, Kind::String | Kind::Bytes | Kind::Records | Kind::Structure(_) | Kind::Array(_))
    }

    fn field_type(&self, field: &Field) -> String {
        let inner = self.kind_type(&field.kind);
        if field.nullable.is_some() { format!("Option<{inner}>") } else { inner }
    }

    fn kind_type(&self, kind: &Kind) -> String {
        match kind {
            Kind::Bool => "bool".into(),
            Kind::Int8 => "i8".into(),
            Kind::Int16 => "i16".into(),
            Kind::Uint16 => "u16".into(),
            Kind::Int32 => "i32".into(),
            Kind::Int64 => "i64".into(),
            Kind::Float64 => "Float64".into(),
            Kind::Uuid => "Uuid".into(),
            Kind::ErrorCode => "ErrorCode".into(),
            Kind::String => "&'a str".into(),
            Kind::Bytes => "&'a [u8]".into(),
            Kind::Records if self.message.role == Role::Request => "&'a [u8]".into(),
            Kind::Records => "Records<'a>".into(),
            Kind::Structure(name) => {
                let structure = self.message.structure(name);
                StructureWriter { message: self.message, structure }.type_name()
            }
            Kind::Array(element) => format!("Vec<{}>", self.kind_type(element)),
        }
    }

    fn default(&self, out: &mut String) {
        if self.structure.fields.iter().all(|field| field.has_natural_default()) {
            return;
        }
        let lifetime = if borrows(self.message, self.structure) { "<'_>" } else { "" };
        let _ =
            writeln!(out, "impl Default for {}{lifetime} {{ fn default() -> Self {{ Self {{", self.name());
        for field in &self.structure.fields {
            let _ = writeln!(out, "{}: {},", field.identifier(), field.default_value());
        }
        out.push_str("} } }\n\n");
    }

    fn decode(&self, out: &mut String) {
        let (name, form) = (self.name(), self.form());
        let tagged: Vec<&Field> = self.structure.fields.iter().filter(|field| field.tag.is_some()).collect();
        let mut body = String::new();
        let binding = if tagged.is_empty() { "let value" } else { "let mut value" };
        let _ = writeln!(body, "{binding} = Self {{");
        for field in &self.structure.fields {
            let value = match (field.tag, condition(field.versions, self.structure.versions)) {
                (Some(_), _) => field.default_value(),
                (None, None) => self.read(field),
                (None, Some(when)) => {
                    format!("if {when} {{ {} }} else {{ {} }}", self.read(field), field.default_value())
                }
            };
            let _ = writeln!(body, "{}: {value},", field.identifier());
        }
        body.push_str("};\n");
        if !tagged.is_empty() {
            self.decode_tags(&tagged, &mut body);
        } else if self.flexible().is_some() {
            let _ = writeln!(body, "reader.skip_tags({form}, \"{name}\")?;");
        }
        body.push_str("Ok(value)\n");
        let minimum = self.minimum_size();
        let ignored = |text: &str| if uses(text, "version") { "version" } else { "_version" }.to_string();
        let body = format!("{}{body}", self.form_line(&body));
        let _ = writeln!(
            out,
            "impl<'a> Decode<'a> for {} {{\n\
             fn minimum_size({}: i16) -> usize {{ {minimum} }}\n\n\
             fn decode(reader: &mut Reader<'a>, {}: i16) -> Result<Self, DecodeError> {{\n{body}}}\n}}\n",
            self.type_name(),
            ignored(&minimum),
            ignored(&body),
        );
    }

    fn decode_tags(&self, tagged: &[&Field], body: &mut String) {
        if self.form() == "form" {
            body.push_str("if form == Form::Compact {\n");
        }
        let _ = writeln!(body, "reader.tags(\"{}\", |reader, tag| {{ match tag {{", self.name());
        let compact = self.flexible().expect("tags exist in flexible versions only");
        for field in tagged {
            let when = condition(field.versions, compact).map_or(String::new(), |when| format!(" if {when}"));
            let read = self.read(field).replace("(form, ", "(Form::Compact, ");
            let tag = field.tag.expect("only tagged fields are here");
            let _ = writeln!(body, "{tag}{when} => value.{} = {read},", field.identifier());
        }
        body.push_str("_ => return Ok(Tag::Unknown),\n}\nOk(Tag::Read)\n})?;\n");
        if self.form() == "form" {
            body.push_str("}\n");
        }
    }

    /// The expression that reads a field in a version that has it.
    fn read(&self, field: &Field) -> String {
        let read = |nullable: bool| {
            let (prefix, path, form) =
                (if nullable { "nullable_" } else { "" }, self.path(field), self.form_of(field));
            match &field.kind {
                Kind::Structure(_) if nullable => format!("reader.nullable_structure(version, {path})?"),
                Kind::Structure(name) => format!("{name}::decode(reader, version)?"),
                Kind::Array(element) if element.structure().is_some() => {
                    format!("reader.{prefix}structures({form}, version, {path})?")
                }
                Kind::Array(element) => {
                    let method = self.method(element);
                    let (argument, minimum) = match **element {
                        Kind::String => (format!("{form}, {path}"), format!("{form}.string_length_size()")),
                        Kind::Bytes => (format!("{form}, {path}"), format!("{form}.length_size()")),
                        _ => (path.clone(), least_of_kind(self.message, element, 0, false).to_string()),
                    };
                    format!(
                        "reader.{prefix}array({form}, {minimum}, {path}, |reader| reader.{method}({argument}))?"
                    )
                }
                Kind::String | Kind::Bytes | Kind::Records => {
                    format!("reader.{prefix}{}({form}, {path})?", self.method(&field.kind))
                }
                number => format!("reader.{}({path})?", self.method(number)),
            }
        };
        match field.nullable {
            None => read(false),
            Some(range) => match condition(range, field.versions) {
                None => read(true),
                Some(when) => format!("if {when} {{ {} }} else {{ Some({}) }}", read(true), read(false)),
            },
        }
    }

    fn method(&self, kind: &Kind) -> &'static str {
        match kind {
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
            Kind::Records if self.message.role != Role::Request => "records",
            Kind::Bytes | Kind::Records => "bytes",
            Kind::Structure(_) | Kind::Array(_) => {
                unreachable!("lists of lists and structures have their own words")
            }
        }
    }

    fn encode(&self, out: &mut String) {
        let form = self.form();
        let mut body = String::new();
        for field in self.structure.fields.iter().filter(|field| field.tag.is_none()) {
            self.encode_plain(field, &mut body);
        }
        let tagged: Vec<&Field> = self.structure.fields.iter().filter(|field| field.tag.is_some()).collect();
        if !tagged.is_empty() {
            self.encode_tags(&tagged, &mut body);
        } else if self.flexible().is_some() {
            let _ = writeln!(body, "sink.no_tags({form});");
        }
        let body = format!("{}{body}", self.form_line(&body));
        let lifetime = if borrows(self.message, self.structure) { "<'_>" } else { "" };
        let version = if uses(&body, "version") { "version" } else { "_version" };
        let sink = if uses(&body, "sink") { "sink" } else { "_sink" };
        let _ = writeln!(
            out,
            "impl Encode for {}{lifetime} {{\nfn encode<S: Sink>(&self, {sink}: &mut S, {version}: i16) {{\n{body}}}\n}}\n",
            self.name()
        );
    }

    fn encode_plain(&self, field: &Field, body: &mut String) {
        let write = self.write(field);
        let Some(when) = condition(field.versions, self.structure.versions) else {
            body.push_str(&write);
            return;
        };
        let _ = write!(body, "if {when} {{ {write} }}");
        if !self.may_drop(field) {
            let _ = write!(body, " else if {} {{ {} }}", field.is_set(), self.unsupported(field));
        }
        body.push('\n');
    }

    /// Whether a version without the field may lose its value. A broker fills in all it knows, whoever asks: in a
    /// response numbers and tagged fields may be lost in any case. What would change the meaning may not.
    fn may_drop(&self, field: &Field) -> bool {
        let is_extra = self.is_number(&field.kind) && field.kind != Kind::ErrorCode || field.tag.is_some();
        field.ignorable || self.message.role == Role::Response && is_extra
    }

    fn unsupported(&self, field: &Field) -> String {
        format!("sink.unsupported({}, version);", self.path(field))
    }

    fn encode_tags(&self, tagged: &[&Field], body: &mut String) {
        let compact = self.flexible().expect("tags exist in flexible versions only");
        let set = |field: &Field| match condition(field.versions, compact) {
            Some(when) => format!("{when} && {}", field.is_set()),
            None => field.is_set(),
        };
        if self.form() == "form" {
            body.push_str("if form == Form::Compact {\n");
        }
        let counts: Vec<String> = tagged.iter().map(|field| format!("u32::from({})", set(field))).collect();
        let _ = writeln!(body, "sink.varint({});", counts.join(" + "));
        for field in tagged {
            let write = self.write(field).replace("(form, ", "(Form::Compact, ");
            let tag = field.tag.expect("only tagged fields are here");
            let _ = writeln!(
                body,
                "if {} {{ let mark = sink.begin_tag({tag}); {write} sink.end_tag(mark); }}",
                set(field)
            );
        }
        if self.form() == "form" {
            body.push_str("}\n");
        }
        for field in tagged.iter().filter(|field| !self.may_drop(field)) {
            if field.versions.first > self.structure.versions.first {
                let absent = format!("version < {}", field.versions.first);
                let _ = writeln!(body, "if {absent} && {} {{ {} }}", field.is_set(), self.unsupported(field));
            }
        }
    }

    /// The statement that writes a field in a version that has it.
    fn write(&self, field: &Field) -> String {
        let form = self.form_of(field);
        let place = format!("self.{}", field.identifier());
        match field.nullable {
            None => self.write_value(&field.kind, form, "", &place, Place::Owned),
            Some(range) => {
                let borrowed = match &field.kind {
                    Kind::Array(_) => format!("{place}.as_deref()"),
                    Kind::Structure(_) => format!("{place}.as_ref()"),
                    Kind::Records if self.message.role != Role::Request => format!("{place}.as_ref()"),
                    _ => place,
                };
                let nullable = self.write_value(&field.kind, form, "nullable_", &borrowed, Place::Borrowed);
                match condition(range, field.versions) {
                    None => nullable,
                    Some(when) => {
                        let plain = self.write_value(&field.kind, form, "", "value", Place::Borrowed);
                        format!(
                            "if {when} {{ {nullable} }} else {{ let value = sink.required({}, version, {borrowed}); {plain} }}",
                            self.path(field)
                        )
                    }
                }
            }
        }
    }

    fn write_value(&self, kind: &Kind, form: &str, prefix: &str, place: &str, how: Place) -> String {
        let reference = if matches!(how, Place::Owned) { format!("&{place}") } else { place.to_string() };
        match kind {
            Kind::Structure(_) if prefix.is_empty() => format!("{place}.encode(sink, version);"),
            Kind::Structure(_) => format!("sink.nullable_structure(version, {reference});"),
            Kind::Array(element) if element.structure().is_some() => {
                format!("sink.{prefix}structures({form}, version, {reference});")
            }
            Kind::Array(element) => {
                let method = self.method(element);
                let argument = if matches!(**element, Kind::String | Kind::Bytes) {
                    format!("{form}, item")
                } else {
                    "*item".to_string()
                };
                format!("sink.{prefix}array({form}, {reference}, |sink, item| sink.{method}({argument}));")
            }
            Kind::String | Kind::Bytes => format!("sink.{prefix}{}({form}, {place});", self.method(kind)),
            Kind::Records => format!("sink.{prefix}{}({form}, {place});", self.method(kind)),
            number => format!("sink.{}({place});", self.method(number)),
        }
    }

    /// The least size of the structure, by version.
    fn minimum_size(&self) -> String {
        let all = self.structure.versions;
        // Runs of versions with the same size.
        let mut runs: Vec<(Range, usize)> = Vec::new();
        for version in all.first..=all.last {
            let size = least_of(self.message, self.structure, version);
            match runs.last_mut() {
                Some((run, known)) if *known == size => run.last = version,
                _ => runs.push((Range { first: version, last: version }, size)),
            }
        }
        let (_, newest) = runs.pop().expect("a structure has versions");
        if runs.is_empty() {
            return newest.to_string();
        }
        let mut text = String::from("match version {");
        for (Range { first, last }, size) in runs {
            let _ = match (first == all.first, first == last) {
                (true, _) => writeln!(text, "..={last} => {size},"),
                (false, true) => writeln!(text, "{last} => {size},"),
                (false, false) => writeln!(text, "{first}..={last} => {size},"),
            };
        }
        let _ = write!(text, "_ => {newest} }}");
        text
    }
}

/// Whether a written place is a field or already a reference or option of one.
#[derive(Clone, Copy)]
enum Place {
    Owned,
    Borrowed,
}

/// The bytes of the smallest value of a structure in a version: empty strings, no elements, no tags, nulls.
fn least_of(message: &Message, structure: &Structure, version: i16) -> usize {
    let compact = message.flexible.is_some_and(|first| version >= first);
    let fields: usize = structure
        .fields
        .iter()
        .filter(|field| field.tag.is_none() && field.versions.holds(version))
        .map(|field| match (&field.kind, field.nullable) {
            (Kind::Structure(_), Some(range)) if range.holds(version) => 1,
            _ => least_of_kind(message, &field.kind, version, field.rigid),
        })
        .sum();
    fields + usize::from(compact)
}

fn least_of_kind(message: &Message, kind: &Kind, version: i16, rigid: bool) -> usize {
    let compact = !rigid && message.flexible.is_some_and(|first| version >= first);
    match kind {
        Kind::Bool | Kind::Int8 => 1,
        Kind::Int16 | Kind::Uint16 | Kind::ErrorCode => 2,
        Kind::Int32 => 4,
        Kind::Int64 | Kind::Float64 => 8,
        Kind::Uuid => 16,
        Kind::String | Kind::Bytes | Kind::Records | Kind::Array(_) if compact => 1,
        Kind::String => 2,
        Kind::Bytes | Kind::Records | Kind::Array(_) => 4,
        Kind::Structure(name) => least_of(message, message.structure(name), version),
    }
}

impl Field {
    /// Whether Rust's own default is the schema's. A nullable field without a stated default is null: the absence
    /// of a field reads as the absence of a value.
    fn has_natural_default(&self) -> bool {
        match self.default.as_deref() {
            None => true,
            Some("null") => self.nullable.is_some(),
            Some(_) => false,
        }
    }

    /// Its name in Rust, where one of Kafka's fields is called `match`.
    pub(crate) fn identifier(&self) -> String {
        if self.name == "match" { "r#match".into() } else { self.name.clone() }
    }

    pub(crate) fn default_value(&self) -> String {
        if self.nullable.is_some() && self.has_natural_default() {
            return "None".into();
        }
        match (&self.kind, self.default.as_deref()) {
            (Kind::Bool, default) => default.unwrap_or("false").into(),
            (Kind::Int32, Some("-2147483648")) => "i32::MIN".into(),
            (Kind::Int32, Some("2147483647")) => "i32::MAX".into(),
            (Kind::Int64, Some("9223372036854775807")) => "i64::MAX".into(),
            (Kind::Int8 | Kind::Int16 | Kind::Uint16 | Kind::Int32 | Kind::Int64, default) => {
                default.unwrap_or("0").into()
            }
            (Kind::Float64, _) => "Float64::default()".into(),
            (Kind::Uuid, _) => "Uuid::ZERO".into(),
            (Kind::ErrorCode, _) => "ErrorCode::NONE".into(),
            (Kind::String, default) => format!("\"{}\"", default.unwrap_or("")),
            (Kind::Bytes | Kind::Records, _) => "&[]".into(),
            (Kind::Structure(name), _) => format!("{name}::default()"),
            (Kind::Array(_), _) => "Vec::new()".into(),
        }
    }

    /// The test whether the field has another value than its default.
    fn is_set(&self) -> String {
        let place = format!("self.{}", self.identifier());
        if self.nullable.is_some() && self.has_natural_default() {
            return format!("{place}.is_some()");
        }
        match (&self.kind, self.default.as_deref()) {
            (Kind::Bool, Some("true")) => format!("!{place}"),
            (Kind::Bool, _) => place,
            (Kind::String, None) | (Kind::Bytes | Kind::Array(_), _) => format!("!{place}.is_empty()"),
            _ => format!("{place} != {}", self.default_value()),
        }
    }
}
