//! How `ringlog consume` prints a record: kcat's format strings.

use ringlog_client::ReceivedRecord;
use ringlog_model::PartitionIndex;
use std::io::{self, Write};

/// A parsed format string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(Vec<u8>),
    Topic,
    Partition,
    Offset,
    Timestamp,
    Key,
    KeyLength,
    Value,
    ValueLength,
    Headers,
}

impl Format {
    /// Reads `%t %p %o %T %k %K %s %S %h %%` and the escapes `\n \r \t \\ \0 \xHH`.
    pub(crate) fn parse(text: &str) -> Result<Format, String> {
        let mut parts: Vec<Part> = Vec::new();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            let part = match character {
                '%' => token(characters.next())?,
                '\\' => Part::Text(vec![escape(&mut characters)?]),
                other => Part::Text(other.to_string().into_bytes()),
            };
            match (parts.last_mut(), part) {
                (Some(Part::Text(before)), Part::Text(text)) => before.extend(text),
                (_, part) => parts.push(part),
            }
        }
        Ok(Format { parts })
    }

    /// Writes one record. Null keys and values are empty, with the length -1.
    pub(crate) fn write(
        &self,
        out: &mut impl Write,
        topic: &str,
        partition: PartitionIndex,
        record: &ReceivedRecord<'_>,
    ) -> io::Result<()> {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.write_all(text)?,
                Part::Topic => out.write_all(topic.as_bytes())?,
                Part::Partition => write!(out, "{partition}")?,
                Part::Offset => write!(out, "{}", record.offset)?,
                Part::Timestamp => write!(out, "{}", record.timestamp.0)?,
                Part::Key => out.write_all(record.key.unwrap_or_default())?,
                Part::KeyLength => write_length(out, record.key)?,
                Part::Value => out.write_all(record.value.unwrap_or_default())?,
                Part::ValueLength => write_length(out, record.value)?,
                Part::Headers => write_headers(out, record)?,
            }
        }
        Ok(())
    }
}

fn token(character: Option<char>) -> Result<Part, String> {
    Ok(match character {
        Some('t') => Part::Topic,
        Some('p') => Part::Partition,
        Some('o') => Part::Offset,
        Some('T') => Part::Timestamp,
        Some('k') => Part::Key,
        Some('K') => Part::KeyLength,
        Some('s') => Part::Value,
        Some('S') => Part::ValueLength,
        Some('h') => Part::Headers,
        Some('%') => Part::Text(b"%".to_vec()),
        Some(other) => return Err(format!("there is no %{other}; there are %t %p %o %T %k %K %s %S %h %%")),
        None => return Err("it ends with a single %; %% prints one".to_owned()),
    })
}

fn escape(characters: &mut std::str::Chars<'_>) -> Result<u8, String> {
    Ok(match characters.next() {
        Some('n') => b'\n',
        Some('r') => b'\r',
        Some('t') => b'\t',
        Some('0') => 0,
        Some('\\') => b'\\',
        Some('x') => {
            let digits: String = characters.by_ref().take(2).collect();
            let is_byte = digits.len() == 2 && digits.chars().all(|digit| digit.is_ascii_hexdigit());
            let byte = is_byte.then(|| u8::from_str_radix(&digits, 16).ok()).flatten();
            byte.ok_or(format!("\\x is followed by two hexadecimal digits, not {digits:?}"))?
        }
        Some(other) => return Err(format!("there is no \\{other}; there are \\n \\r \\t \\0 \\\\ \\xHH")),
        None => return Err("it ends with a single \\".to_owned()),
    })
}

fn write_length(out: &mut impl Write, bytes: Option<&[u8]>) -> io::Result<()> {
    match bytes {
        Some(bytes) => write!(out, "{}", bytes.len()),
        None => out.write_all(b"-1"),
    }
}

fn write_headers(out: &mut impl Write, record: &ReceivedRecord<'_>) -> io::Result<()> {
    for (at, header) in record.view.headers().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        out.write_all(header.key)?;
        out.write_all(b"=")?;
        out.write_all(header.value.unwrap_or(b"NULL"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringlog_batch::{BatchBuilder, Compression, RecordHeader, Scratch};
    use ringlog_model::{LeaderEpoch, Offset, Timestamp};

    fn printed(format: &str) -> String {
        let mut builder = BatchBuilder::new().at(Offset(40), LeaderEpoch(0));
        let headers =
            [RecordHeader { key: b"h", value: Some(b"1") }, RecordHeader { key: b"i", value: None }];
        builder.append(Timestamp(7), Some(b"key"), Some(b"value"), &headers).unwrap();
        builder.append(Timestamp(8), None, None, &[]).unwrap();
        let batch = builder.build(Compression::None).unwrap();
        let format = Format::parse(format).unwrap();
        let mut out = Vec::new();
        ringlog_client::core::visit_records(&batch, Offset(0), &mut Scratch::new(), 1 << 20, |record| {
            format.write(&mut out, "orders", PartitionIndex(3), &record).unwrap();
            true
        })
        .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_token_prints_its_field() {
        assert_eq!(
            printed(r"%t[%p]@%o %T %K:%k %S:%s {%h} 100%%\n"),
            "orders[3]@40 7 3:key 5:value {h=1,i=NULL} 100%\norders[3]@41 8 -1: -1: {} 100%\n"
        );
        assert_eq!(printed(r"\x41\t\\é"), "A\t\\éA\t\\é");
    }

    #[test]
    fn unknown_tokens_are_refused() {
        for text in ["%z", "%", r"\q", r"\", r"\x4", r"\xzz"] {
            assert!(Format::parse(text).is_err(), "{text}");
        }
    }
}
