//! What may survive a power loss, checked against an independent model: per sector the set of contents it may have.

use std::collections::BTreeSet;

use super::super::survival::Pattern;
use super::*;

fn bytes(content: &Content) -> Vec<u8> {
    let mut out = vec![0; content.length() as usize];
    assert_eq!(content.read(0, &mut out), Some(out.len()));
    out
}

fn crash(content: &Content, pattern: Pattern, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let survival = Survival::draw(pattern, 0, 1000, &mut random);
    let mut content = content.clone();
    content.lose_power(&survival, &mut random);
    assert!(!content.is_dirty());
    bytes(&content)
}

#[test]
fn synced_bytes_survive_and_unsynced_ones_may_not() {
    let mut content = Content::default();
    content.write(1, 0, &[1; 8192], true);
    content.sync(1);
    content.write(2, 4096, &[2; 4096], true);
    assert_eq!(crash(&content, Pattern::Nothing, 0), [1; 8192]);
    assert_eq!(crash(&content, Pattern::Everything, 0), [[1; 4096], [2; 4096]].concat());
}

#[test]
fn a_sync_covers_only_what_completed_before_it_was_submitted() {
    let mut content = Content::default();
    content.write(1, 0, &[1; 512], true);
    content.write(2, 512, &[2; 512], true);
    content.sync(1);
    assert_eq!(crash(&content, Pattern::Nothing, 0), [1; 512]);
}

#[test]
fn what_a_failed_sync_covered_is_never_made_durable_by_a_later_one() {
    let mut content = Content::default();
    content.write(1, 0, &[1; 512], true);
    content.fail_sync(1);
    content.write(2, 512, &[2; 512], true);
    content.sync(2);
    let survived = crash(&content, Pattern::Nothing, 0);
    assert_eq!(survived.get(..512), Some(&[0; 512][..]));
    assert_eq!(bytes(&content)[..512], [1; 512]);
}

#[test]
fn a_direct_write_under_a_failed_sync_is_saved_by_the_next() {
    let mut content = Content::default();
    content.write(1, 0, &[1; 4096], false);
    content.fail_sync(1);
    content.sync(1);
    assert_eq!(crash(&content, Pattern::Nothing, 0), [1; 4096]);
}

#[test]
fn a_durable_overwrite_is_not_undone_by_an_older_forsaken_write() {
    let mut content = Content::default();
    content.write(1, 0, &[1; 4096], true);
    content.fail_sync(1);
    content.write(2, 0, &[2; 4096], true);
    content.sync(2);
    for seed in 0..50 {
        assert_eq!(crash(&content, Pattern::Any, seed), [2; 4096]);
    }
}

#[test]
fn a_synchronous_write_takes_its_size_along_but_not_its_neighbours() {
    let mut content = Content::default();
    content.write(1, 0, &[1; 4096], true);
    content.write(2, 4096, &[2; 4096], true);
    content.sync_one(2);
    assert_eq!(crash(&content, Pattern::Nothing, 0), [[0; 4096], [2; 4096]].concat());
}

#[test]
fn a_lost_truncation_keeps_the_bytes_it_would_have_freed() {
    let mut content = Content::default();
    content.write(1, 0, &[1; 8192], true);
    content.sync(1);
    content.set_length(2, 4096);
    content.set_length(3, 8192);
    content.write(4, 4096, &[4; 4096], true);
    let seen: BTreeSet<Vec<u8>> = (0..400).map(|seed| crash(&content, Pattern::Blocks, seed)).collect();
    let page = |byte: u8| [byte; 4096];
    let allowed: BTreeSet<Vec<u8>> = [
        [page(1), page(1)].concat(),
        page(1).to_vec(),
        [page(1), page(0)].concat(),
        [page(1), page(4)].concat(),
    ]
    .into();
    assert_eq!(seen, allowed);
}

#[test]
fn torn_blocks_mix_old_and_new_sectors() {
    let mut content = Content::default();
    content.write(1, 0, &[1; 4096], true);
    content.sync(1);
    content.write(2, 0, &[2; 4096], true);
    let survived = crash(&content, Pattern::Sectors, 5);
    let kinds: BTreeSet<&[u8]> = survived.chunks(512).collect();
    assert_eq!(kinds, [&[1; 512][..], &[2; 512][..]].into());
}

#[test]
fn unreadable_blocks_heal_when_wholly_rewritten() {
    let mut content = Content::default();
    content.write(1, 0, &[1; 8192], true);
    content.make_unreadable(4100);
    let mut out = [0; 10];
    assert_eq!(content.read(0, &mut out), Some(10));
    assert_eq!(content.read(5000, &mut out), None);
    content.write(2, 4096, &[2; 100], true);
    assert_eq!(content.read(5000, &mut out), None);
    content.write(3, 4096, &[3; 4096], true);
    assert_eq!(content.read(5000, &mut out), Some(10));
}

/// Random writes, syncs and failed syncs against a model that keeps, per sector, every content it may have.
#[test]
fn every_surviving_sector_is_one_of_its_possible_versions() {
    const SECTORS: u64 = 24;
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let mut content = Content::default();
        content.allocate(0, 0..SECTORS * SECTOR);
        content.sync(0);
        // Per sector: (sequence, fill, forsaken), the first being the durable one.
        let mut possible: Vec<Vec<(u64, u8, bool)>> = vec![vec![(0, 0, false)]; SECTORS as usize];
        for sequence in 1..40u64 {
            let fill = sequence as u8;
            match random.below(6) {
                0 => sync_model(&mut content, &mut possible, random.between(0, sequence - 1)),
                1 => {
                    content.fail_sync(sequence);
                    possible
                        .iter_mut()
                        .flat_map(|versions| versions.iter_mut().skip(1))
                        .for_each(|v| v.2 = true);
                }
                kind => {
                    let start = random.below(SECTORS);
                    let end = (start + random.between(1, 12)).min(SECTORS);
                    content.write(
                        sequence,
                        start * SECTOR,
                        &vec![fill; ((end - start) * SECTOR) as usize],
                        true,
                    );
                    if kind == 2 {
                        content.sync_one(sequence);
                    }
                    for versions in &mut possible[start as usize..end as usize] {
                        if kind == 2 {
                            versions.clear();
                        }
                        versions.push((sequence, fill, false));
                    }
                }
            }
        }
        for (sector, found) in crash(&content, Pattern::Any, seed ^ 77).chunks(SECTOR as usize).enumerate() {
            assert!(found.iter().all(|byte| *byte == found[0]), "seed {seed}: a sector is torn");
            let allowed = possible[sector].iter().any(|(_, fill, _)| *fill == found[0]);
            assert!(
                allowed,
                "seed {seed}, sector {sector}: found {}, possible {:?}",
                found[0], possible[sector]
            );
        }
    }
}

fn sync_model(content: &mut Content, possible: &mut [Vec<(u64, u8, bool)>], upto: u64) {
    content.sync(upto);
    for versions in possible {
        let durable = versions.iter().rposition(|(sequence, _, forsaken)| *sequence <= upto && !forsaken);
        versions.drain(..durable.unwrap_or(0));
    }
}
