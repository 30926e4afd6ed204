//! The notation of `protocol/kafka/schema` (explained in its README): text to a tree.

use anyhow::{Context, Result, bail, ensure};
use std::fmt;

/// An inclusive range of versions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) first: i16,
    pub(crate) last: i16,
}

impl Range {
    /// The versions in both.
    pub(crate) fn within(self, other: Range) -> Option<Range> {
        let range = Range { first: self.first.max(other.first), last: self.last.min(other.last) };
        (range.first <= range.last).then_some(range)
    }

    pub(crate) fn holds(self, version: i16) -> bool {
        (self.first..=self.last).contains(&version)
    }

    pub(crate) fn covers(self, other: Range) -> bool {
        self.first <= other.first && other.last <= self.last
    }
}

impl fmt::Debug for Range {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.first, self.last)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Int8,
    Int16,
    Uint16,
    Int32,
    Int64,
    Float64,
    Uuid,
    ErrorCode,
    String,
    Bytes,
    Records,
    Structure(String),
    Array(Box<Kind>),
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) docs: Vec<String>,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) versions: Range,
    pub(crate) nullable: Option<Range>,
    pub(crate) tag: Option<u32>,
    /// As written: `-1`, `true`, `null`; none means the natural one of its kind.
    pub(crate) default: Option<String>,
    pub(crate) ignorable: bool,
    /// Written in classic form in every version.
    pub(crate) rigid: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Structure {
    pub(crate) name: String,
    pub(crate) docs: Vec<String>,
    /// The versions in which it occurs.
    pub(crate) versions: Range,
    pub(crate) fields: Vec<Field>,
}

/// A request, a response or a header.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) versions: Range,
    /// The first flexible version.
    pub(crate) flexible: Option<i16>,
    pub(crate) role: Role,
    /// The message itself first, then the structures in it in the order of their definition.
    pub(crate) structures: Vec<Structure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Request,
    Response,
    Header,
}

impl Message {
    pub(crate) fn name(&self) -> &str {
        &self.structures[0].name
    }

    pub(crate) fn structure(&self, name: &str) -> &Structure {
        self.structures.iter().find(|one| one.name == name).expect("the parser checked that it is defined")
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) key: i16,
    pub(crate) name: String,
    /// The newest version is not final in Apache Kafka.
    pub(crate) unstable: bool,
    pub(crate) request: Message,
    pub(crate) response: Message,
}

/// One file of the schema.
#[derive(Debug)]
pub(crate) enum Definition {
    Api(Api),
    Headers(Vec<Message>),
}

/// Reads one file.
pub(crate) fn parse(text: &str) -> Result<Definition> {
    let mut parser = Parser { lines: text.lines().enumerate().collect(), at: 0, docs: Vec::new() };
    parser.definition().with_context(|| format!("line {}", parser.line_number()))
}

/// What the opening line of a file or header says.
struct Opening {
    key: Option<i16>,
    name: String,
    versions: Range,
    flexible: Option<i16>,
    unstable: bool,
}

struct Parser<'t> {
    lines: Vec<(usize, &'t str)>,
    at: usize,
    /// Doc comments seen since the last definition.
    docs: Vec<String>,
}

impl<'t> Parser<'t> {
    fn line_number(&self) -> usize {
        self.at
    }

    /// The next line that is not empty and not a comment.
    fn next(&mut self) -> Option<&'t str> {
        while let Some((_, line)) = self.lines.get(self.at) {
            self.at += 1;
            let line = line.trim();
            if let Some(doc) = line.strip_prefix("///") {
                self.docs.push(doc.trim().to_string());
            } else if !line.is_empty() && !line.starts_with("//") {
                return Some(line);
            }
        }
        None
    }

    fn definition(&mut self) -> Result<Definition> {
        let line = self.next().context("the file is empty")?;
        if line.starts_with("header ") || line.starts_with("record ") {
            return self.headers(line).map(Definition::Headers);
        }
        let opening = opening(line)?;
        let docs = std::mem::take(&mut self.docs);
        let request = self.part("request", &opening, &docs)?;
        let response = self.part("response", &opening, &docs)?;
        ensure!(self.next().is_none(), "nothing may follow the response");
        let key = opening.key.context("`api` needs its key")?;
        Ok(Definition::Api(Api { key, name: opening.name, unstable: opening.unstable, request, response }))
    }

    fn headers(&mut self, first: &'t str) -> Result<Vec<Message>> {
        let mut headers = Vec::new();
        let mut line = Some(first);
        while let Some(text) = line {
            let text = text.strip_suffix('{').context("a header or record opens with `{`")?;
            let opening = opening(text.trim())?;
            let docs = std::mem::take(&mut self.docs);
            headers.push(self.message(&opening, opening.name.clone(), docs, Role::Header)?);
            line = self.next();
        }
        Ok(headers)
    }

    fn part(&mut self, word: &str, opening: &Opening, docs: &[String]) -> Result<Message> {
        ensure!(self.next() == Some(&format!("{word} {{")), "`{word} {{` belongs here");
        let (suffix, role) =
            if word == "request" { ("Request", Role::Request) } else { ("Response", Role::Response) };
        let mut docs = docs.to_vec();
        docs.append(&mut self.docs);
        self.message(opening, format!("{}{suffix}", opening.name), docs, role)
    }

    fn message(&mut self, opening: &Opening, name: String, docs: Vec<String>, role: Role) -> Result<Message> {
        let mut message =
            Message { versions: opening.versions, flexible: opening.flexible, role, structures: Vec::new() };
        self.structure(&mut message, name, docs, opening.versions)?;
        for structure in &message.structures {
            for field in &structure.fields {
                if let Some(name) = field.kind.structure() {
                    let defined = message.structures.iter().any(|one| one.name == name);
                    ensure!(defined, "{name} is used and nowhere defined");
                }
            }
        }
        Ok(message)
    }

    /// The lines up to `}`. A structure stands before those defined inside it.
    fn structure(
        &mut self,
        message: &mut Message,
        name: String,
        docs: Vec<String>,
        versions: Range,
    ) -> Result<()> {
        ensure!(message.structures.iter().all(|one| one.name != name), "{name} is defined twice");
        let place = message.structures.len();
        message.structures.push(Structure { name, docs, versions, fields: Vec::new() });
        loop {
            let line = self.next().context("`}` is missing")?;
            if line == "}" {
                return Ok(());
            }
            let (line, opens) = match line.strip_suffix('{') {
                Some(line) => (line.trim(), true),
                None => (line, false),
            };
            let docs = std::mem::take(&mut self.docs);
            let field = field(line, docs, versions, message.versions.last)?;
            let structure = field.kind.structure().map(str::to_string);
            let field_versions = field.versions;
            message.structures[place].fields.push(field);
            match (structure, opens) {
                (Some(name), true) => self.structure(message, name, Vec::new(), field_versions)?,
                (Some(name), false) => {
                    let defined = message.structures.iter_mut().find(|one| one.name == name);
                    let defined =
                        defined.with_context(|| format!("{name} must be defined where first used"))?;
                    ensure!(
                        defined.versions.covers(field_versions),
                        "{name} is used in versions in which it is not defined"
                    );
                }
                (None, true) => bail!("only a structure opens a block"),
                (None, false) => {}
            }
        }
    }
}

impl Kind {
    /// The structure in it, if it is one or a list of them.
    pub(crate) fn structure(&self) -> Option<&str> {
        match self {
            Kind::Structure(name) => Some(name),
            Kind::Array(element) => element.structure(),
            _ => None,
        }
    }
}

/// `api 1 Fetch versions 4-18 flexible 12+`, or `header Name versions 0-1 flexible 1+`, or the same with `record`.
fn opening(line: &str) -> Result<Opening> {
    let mut words = line.split_whitespace();
    let key = match words.next() {
        Some("api") => Some(words.next().context("`api` needs its key")?.parse()?),
        Some("header" | "record") => None,
        _ => bail!("`api`, `header` or `record` belongs here"),
    };
    let name = words.next().context("a name belongs here")?.to_string();
    ensure!(words.next() == Some("versions"), "`versions` belongs after the name");
    let versions = range(words.next().context("versions belong here")?, i16::MAX)?;
    let mut opening = Opening { key, name, versions, flexible: None, unstable: false };
    while let Some(word) = words.next() {
        match word {
            "flexible" => {
                let text = words.next().context("a version belongs after `flexible`")?;
                opening.flexible =
                    Some(text.strip_suffix('+').context("`N+` belongs after `flexible`")?.parse()?);
            }
            "unstable" => opening.unstable = true,
            other => bail!("`{other}` means nothing here"),
        }
    }
    Ok(opening)
}

/// `name: type? versions tag N = default ignorable`
fn field(line: &str, docs: Vec<String>, structure: Range, last: i16) -> Result<Field> {
    let (name, rest) = line.split_once(':').with_context(|| format!("`{line}` is not a field"))?;
    let mut words = rest.split_whitespace().peekable();
    let spelled = words.next().context("a type belongs after the name")?;
    let versions = match words.peek() {
        Some(word) if word.starts_with(|first: char| first.is_ascii_digit()) => {
            let range = range(words.next().expect("it was peeked at"), last)?;
            ensure!(structure.covers(range), "{name} is in versions in which its structure is not");
            range
        }
        _ => structure,
    };
    let (spelled, nullable) = match spelled.split_once('?') {
        None => (spelled, None),
        Some((spelled, "")) => (spelled, Some(versions)),
        Some((spelled, range_text)) => (spelled, Some(range(range_text, last)?)),
    };
    let mut field = Field {
        docs,
        name: name.trim().to_string(),
        kind: kind(spelled)?,
        versions,
        nullable,
        tag: None,
        default: None,
        ignorable: false,
        rigid: false,
    };
    while let Some(word) = words.next() {
        match word {
            "tag" => field.tag = Some(words.next().context("a number belongs after `tag`")?.parse()?),
            "=" => field.default = Some(words.next().context("a value belongs after `=`")?.to_string()),
            "ignorable" => field.ignorable = true,
            "rigid" => field.rigid = true,
            other => bail!("`{other}` means nothing here"),
        }
    }
    Ok(field)
}

fn kind(text: &str) -> Result<Kind> {
    if let Some(element) = text.strip_prefix('[') {
        let element = element.strip_suffix(']').context("`]` is missing")?;
        return Ok(Kind::Array(Box::new(kind(element)?)));
    }
    Ok(match text {
        "bool" => Kind::Bool,
        "i8" => Kind::Int8,
        "i16" => Kind::Int16,
        "u16" => Kind::Uint16,
        "i32" => Kind::Int32,
        "i64" => Kind::Int64,
        "f64" => Kind::Float64,
        "uuid" => Kind::Uuid,
        "error" => Kind::ErrorCode,
        "string" => Kind::String,
        "bytes" => Kind::Bytes,
        "records" => Kind::Records,
        name if name.starts_with(|first: char| first.is_ascii_uppercase()) => {
            Kind::Structure(name.to_string())
        }
        other => bail!("`{other}` is no type"),
    })
}

/// `3`, `3-5` or `3+`.
pub(crate) fn range(text: &str, last: i16) -> Result<Range> {
    let (first, last) = match (text.strip_suffix('+'), text.split_once('-')) {
        (Some(first), _) => (first.parse()?, last),
        (None, Some((first, last))) => (first.parse()?, last.parse()?),
        (None, None) => (text.parse()?, text.parse()?),
    };
    ensure!(first <= last, "`{text}` holds no version");
    Ok(Range { first, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_inherits_the_versions_of_its_structure() {
        let text = "/// Docs.\napi 99 Sample versions 0-4 flexible 2+\nrequest {\n  list: [Item]?3+ 1+ = null {\n    id: i32\n  }\n}\nresponse {\n}\n";
        let Definition::Api(api) = parse(text).unwrap() else { panic!("an api") };
        assert_eq!((api.key, api.name.as_str(), api.unstable), (99, "Sample", false));
        let item = api.request.structure("Item");
        assert_eq!(item.fields[0].versions, Range { first: 1, last: 4 });
        let list = &api.request.structures[0].fields[0];
        assert_eq!(list.nullable, Some(Range { first: 3, last: 4 }));
        assert_eq!(list.default.as_deref(), Some("null"));
    }

    #[test]
    fn mistakes_are_reported_with_their_line() {
        let text = "api 99 Sample versions 0-4\nrequest {\n  list: int\n}\n";
        assert_eq!(parse(text).unwrap_err().to_string(), "line 3");
        let text = "api 99 Sample versions 0-4\nrequest {\n  list: [Item]\n}\n";
        assert!(parse(text).is_err());
    }
}
