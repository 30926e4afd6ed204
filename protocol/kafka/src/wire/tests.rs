//! The primitives at their edges.

use super::*;
use bytes::Bytes;

fn fault<T: std::fmt::Debug>(result: Result<T, DecodeError>) -> DecodeFault {
    result.expect_err("this must be refused").fault
}

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    write(&mut writer);
    writer.finish().expect("this can be written").into_bytes(|_| &[]).into()
}

#[test]
fn varints_round_trip_at_every_width() {
    for value in [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455, 268_435_456, u32::MAX] {
        let bytes = written(|writer| writer.varint(value));
        let mut counter = Counter::default();
        counter.varint(value);
        assert_eq!(counter.length(), bytes.len(), "{value}");
        assert_eq!(Reader::new(&bytes).varint("v"), Ok(value));
    }
}

#[test]
fn varints_of_more_than_32_bits_are_refused() {
    assert_eq!(fault(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x1f]).varint("v")), DecodeFault::Varint);
    assert_eq!(fault(Reader::new(&[0x80; 6]).varint("v")), DecodeFault::Varint);
    assert_eq!(fault(Reader::new(&[0x80, 0x80]).varint("v")), DecodeFault::Short { needed: 1, remaining: 0 });
}

#[test]
fn lengths_beyond_the_frame_are_refused_before_anything_is_allocated() {
    let claims = [0x7f, 0xff, 0xff, 0xff];
    let result = Reader::new(&claims).array(Form::Classic, 1, "list", |reader| reader.int8("item"));
    assert_eq!(fault(result), DecodeFault::Elements { count: i32::MAX as usize, minimum: 1, remaining: 0 });
    let result = Reader::new(&claims).bytes(Form::Classic, "bytes").map(<[u8]>::len);
    assert_eq!(fault(result), DecodeFault::Short { needed: i32::MAX as usize, remaining: 0 });
    let result = Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x0f]).bytes(Form::Compact, "bytes").map(<[u8]>::len);
    assert_eq!(fault(result), DecodeFault::Short { needed: u32::MAX as usize - 1, remaining: 0 });
}

#[test]
fn lists_are_charged_to_the_memory_budget() {
    // Eight empty strings: one byte each on the wire, a pointer and a length each in memory.
    let frame = [9, 1, 1, 1, 1, 1, 1, 1, 1];
    let read = |budget| {
        let mut reader = Reader::with_memory_budget(&frame, budget);
        reader.array(Form::Compact, 1, "names", |reader| reader.string(Form::Compact, "names"))
    };
    let needed = 8 * size_of::<&str>();
    assert_eq!(read(needed).map(|names| names.len()), Ok(8));
    assert_eq!(fault(read(needed - 1)), DecodeFault::Budget { needed, left: needed - 1 });
}

#[test]
fn null_and_negative_lengths_are_told_apart() {
    assert_eq!(Reader::new(&[0xff, 0xff]).nullable_string(Form::Classic, "s"), Ok(None));
    assert_eq!(Reader::new(&[0]).nullable_string(Form::Compact, "s"), Ok(None));
    assert_eq!(fault(Reader::new(&[0xff, 0xff]).string(Form::Classic, "s")), DecodeFault::Null);
    assert_eq!(fault(Reader::new(&[0xff, 0xfe]).string(Form::Classic, "s")), DecodeFault::NegativeLength(-2));
    assert_eq!(fault(Reader::new(&[0, 1, 0xff]).string(Form::Classic, "s")), DecodeFault::Utf8);
}

#[test]
fn errors_name_the_field_and_the_position() {
    let mut reader = Reader::new(&[0, 0, 0, 1, 7]);
    reader.int32("first").expect("four bytes are there");
    let error = reader.int16("Structure.second").expect_err("one byte is too few");
    assert_eq!(error.to_string(), "Structure.second at byte 4: needs 2 bytes, 1 remain");
}

#[test]
fn tagged_fields_must_fill_their_length() {
    let read = |bytes: &[u8]| {
        let mut seen = Vec::new();
        let mut reader = Reader::new(bytes);
        reader.tags("S", |reader, tag| match tag {
            0 => {
                seen.push(reader.int16("S.known")?);
                Ok(Tag::Read)
            }
            _ => Ok(Tag::Unknown),
        })?;
        reader.finish()?;
        Ok(seen)
    };
    // An unknown field of three bytes, then the known one.
    assert_eq!(read(&[2, 9, 3, 1, 2, 3, 0, 2, 0, 7]), Ok(vec![7]));
    assert_eq!(fault(read(&[1, 0, 3, 0, 7, 9])), DecodeFault::TagLength(1));
    // The known field may not read into what follows its length.
    assert_eq!(fault(read(&[1, 0, 1, 0, 7])), DecodeFault::Short { needed: 2, remaining: 1 });
    assert_eq!(fault(read(&[0xff, 0xff, 0xff, 0xff, 0x0f])), DecodeFault::Short { needed: 1, remaining: 0 });
}

#[test]
fn positions_stay_right_behind_and_inside_tagged_fields() {
    let mut reader = Reader::new(&[1, 5, 2, 0, 0, 0xee]);
    reader
        .tags("S", |reader, _| {
            assert_eq!(reader.position(), 3);
            reader.int16("S.known")?;
            assert_eq!(reader.position(), 5);
            Ok(Tag::Read)
        })
        .expect("the field is whole");
    assert_eq!((reader.position(), reader.remaining()), (5, 1));
}

#[test]
fn the_length_of_a_tagged_field_goes_before_its_content() {
    let long = "x".repeat(300);
    let bytes = written(|writer| {
        writer.varint(1);
        let outer = writer.begin_tag(3);
        writer.string(Form::Compact, &long);
        let inner = writer.begin_tag(0);
        writer.int8(1);
        writer.end_tag(inner);
        writer.end_tag(outer);
    });
    assert_eq!(
        &bytes[..6],
        &[1, 3, 0xb1, 0x02, 0xad, 0x02],
        "tag 3 of 305 bytes: a string of 300, then the inner tag"
    );
    assert_eq!(&bytes[bytes.len() - 3..], &[0, 1, 1]);
}

#[test]
fn bodies_become_segments_without_a_copy() {
    let shared = Bytes::from_static(b"shared batch");
    let mut writer = Writer::new();
    writer.int16(1);
    writer.nullable_records(Form::Classic, Some(&Records::Shared(shared.clone())));
    writer.nullable_records(Form::Classic, Some(&Records::External(External { body: 7, length: 5000 })));
    writer.nullable_records(Form::Classic, Some(&Records::Slice(b"small")));
    writer.nullable_records(Form::Classic, Some(&Records::External(External { body: 8, length: 0 })));
    writer.nullable_records(Form::Classic, None);
    assert_eq!(writer.length(), 2 + 4 + 12 + 4 + 5000 + 4 + 5 + 4 + 4);
    let segments = writer.finish().expect("all lengths fit").into_segments();
    let [Segment::Bytes(_), Segment::Bytes(body), Segment::Bytes(length), external, Segment::Bytes(rest)] =
        segments.as_slice()
    else {
        panic!("five segments: {segments:?}");
    };
    assert_eq!(body.as_ptr(), shared.as_ptr(), "the very same bytes");
    assert_eq!(length.as_ref(), 5000i32.to_be_bytes());
    assert_eq!(*external, Segment::External(External { body: 7, length: 5000 }));
    assert_eq!(rest.as_ref(), b"\0\0\0\x05small\0\0\0\0\xff\xff\xff\xff");
}

#[test]
fn the_first_reason_why_a_message_cannot_be_written_is_told() {
    let mut writer = Writer::new();
    let long = "x".repeat(40_000);
    writer.string(Form::Classic, &long);
    writer.unsupported("S.field", 3);
    assert_eq!(writer.finish(), Err(EncodeError::TooLong(40_000)));
}
