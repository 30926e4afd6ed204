use super::*;

fn text(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * at / 97) as u8).collect()
}

fn compressed(codec: Compression, input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    codec.compress(input, &mut out);
    out
}

#[test]
fn every_codec_round_trips_at_every_size_class() {
    let mut scratch = Scratch::new();
    for codec in Compression::ALL {
        for length in [0, 1, 100, (32 << 10) - 1, 32 << 10, (32 << 10) + 1, 200_000, 1_000_000] {
            let input = text(length);
            let packed = compressed(codec, &input);
            assert_eq!(scratch.decompress(codec, &packed, length), Ok(&input[..]), "{codec} {length}");
        }
    }
}

#[test]
fn output_beyond_the_cap_is_refused_without_allocating_it() {
    let bomb = vec![0u8; 32 << 20];
    for codec in [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd] {
        let packed = compressed(codec, &bomb);
        let mut scratch = Scratch::new();
        let cap = 1 << 20;
        let refusal = Err(BatchError::DecompressedTooLarge { codec, cap });
        assert_eq!(scratch.decompress(codec, &packed, cap), refusal);
        assert!(scratch.capacity() <= cap, "{codec} took {} bytes", scratch.capacity());
        assert_eq!(
            scratch.decompress(codec, &packed, bomb.len() - 1).map(<[u8]>::len),
            Err(BatchError::DecompressedTooLarge { codec, cap: bomb.len() - 1 })
        );
        assert_eq!(scratch.decompress(codec, &packed, bomb.len()).map(<[u8]>::len), Ok(bomb.len()));
    }
}

#[test]
fn a_scratch_gives_back_what_a_rare_large_batch_took() {
    let mut scratch = Scratch::new();
    let large = compressed(Compression::Zstd, &vec![7; 20 << 20]);
    scratch.decompress(Compression::Zstd, &large, 64 << 20).unwrap();
    let small = compressed(Compression::Zstd, b"small");
    assert_eq!(scratch.decompress(Compression::Zstd, &small, 64 << 20), Ok(&b"small"[..]));
    assert!(scratch.capacity() <= KEPT_BYTES_MAX);
}

#[test]
fn a_bare_snappy_block_is_read() {
    let input = text(70_000);
    let bare = snap::raw::Encoder::new().compress_vec(&input).unwrap();
    assert_eq!(Scratch::new().decompress(Compression::Snappy, &bare, 1 << 20), Ok(&input[..]));
}

#[test]
fn snappy_framing_has_the_bytes_of_snappy_java() {
    let packed = compressed(Compression::Snappy, b"aaaa");
    assert_eq!(packed[..16], *b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01");
    assert_eq!(packed[16..], *b"\0\0\0\x06\x04\x0caaaa");
}

#[test]
fn lz4_frames_have_independent_64_kib_blocks() {
    let packed = compressed(Compression::Lz4, b"hello");
    assert_eq!(packed[..4], 0x184d_2204u32.to_le_bytes());
    assert_eq!(packed[4] & 0b1111_0000, 0b0110_0000, "version 1, independent blocks, no block checksums");
    assert_eq!(packed[5], 0x40, "blocks of 64 KiB");
}

#[test]
fn a_snappy_block_that_claims_gigabytes_is_refused() {
    let lie = [0xff, 0xff, 0xff, 0xff, 0x0f, 0x00];
    let mut scratch = Scratch::new();
    assert!(scratch.decompress(Compression::Snappy, &lie, usize::MAX / 2).is_err());
    assert!(scratch.capacity() < 1024);
}

#[test]
fn cut_input_is_an_error_for_every_codec() {
    let mut scratch = Scratch::new();
    let input = text(10_000);
    for codec in [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd] {
        let packed = compressed(codec, &input);
        for cut in [0, 1, 8, 10, packed.len() / 2] {
            let result = scratch.decompress(codec, &packed[..cut], 1 << 20).map(<[u8]>::to_vec);
            assert!(result.as_ref() != Ok(&input), "{codec} cut at {cut}");
        }
    }
}

#[test]
fn names_and_codes_are_kafkas() {
    for (code, name) in ["none", "gzip", "snappy", "lz4", "zstd"].iter().enumerate() {
        let codec = Compression::from_code(code as u8).unwrap();
        assert_eq!(codec.name(), *name);
        assert_eq!(codec.code(), code as u8);
        assert_eq!(Compression::from_name(name), Some(codec));
    }
    assert_eq!(Compression::from_code(5), Err(BatchError::CompressionUnknown { code: 5 }));
    assert_eq!(Compression::from_name("uncompressed"), Some(Compression::None));
    assert_eq!(Compression::from_name("brotli"), None);
}
