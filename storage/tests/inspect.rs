//! Files of a data directory looked at one by one.
// A step that fails fails its test; one task alone drives each model, so nothing else borrows it meanwhile.
#![allow(clippy::unwrap_used, clippy::await_holding_refcell_ref)]

mod support;

use ringlog_reactor::simulation::Simulation;
use ringlog_storage::inspect::{Detail, Examination, examine};
use std::path::Path;
use support::*;

#[test]
fn every_file_of_a_directory_can_be_examined_and_a_flipped_bit_is_named() {
    let simulation = Simulation::new(6);
    let host = simulation.host("node");
    let segment = simulation.run_on(&host, |reactor| async move {
        let rig = open(&reactor).await.unwrap();
        let log = rig.store.create_log(spec(1, 64 << 10)).await.unwrap();
        for tag in 0..30 {
            append(&rig.store, &log, 0, 2, 2_500, tag).await;
        }
        flushed(&rig.store, &log, log.end()).await;
        rig.store.shutdown().await.unwrap();
        let data = Path::new(PATH);
        let mut kinds = Vec::new();
        for directory in [data.to_owned(), data.join("segments")] {
            for entry in reactor.read_directory(&directory).await.unwrap() {
                let mut lines = Vec::new();
                let path = directory.join(&entry.name);
                if entry.is_directory {
                    continue;
                }
                let tell = &mut |line: &str| lines.push(line.to_owned());
                let found = examine(&reactor, &path, Detail::Everything, tell).await.unwrap();
                if found.kind != "other file" {
                    assert_eq!(found.problems, Vec::<String>::new(), "{path:?}: {lines:#?}");
                    kinds.push((found.kind, found.items));
                }
            }
        }
        let segments: u64 = kinds.iter().filter(|(kind, _)| *kind == "segment").map(|(_, items)| items).sum();
        assert_eq!(segments, 30, "{kinds:?}");
        for kind in ["catalog", "checkpoint", "journal", "segment index"] {
            assert!(kinds.iter().any(|(found, _)| *found == kind), "{kind} in {kinds:?}");
        }
        data.join("segments").join(&log.segments()[0].file)
    });
    host.flip_bit(&segment, 4096 + 5_083 + 700, 1).unwrap();
    simulation.run_on(&host, |reactor| async move {
        let Examination { items, problems, .. } =
            examine(&reactor, &segment, Detail::Summary, &mut |_| {}).await.unwrap();
        assert_eq!((items, problems.len()), (1, 1), "{problems:?}");
        assert!(problems[0].starts_with("offset 2 at byte 9175"), "{problems:?}");
    });
}
