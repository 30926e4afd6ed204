use super::*;
use redb::{ReadableTable, TableDefinition};
use ringlog_reactor::simulation::{Crash, Simulation};
use std::path::Path;

const TABLE: TableDefinition<'_, u64, u64> = TableDefinition::new("numbers");

fn newest(database: &Database) -> Option<u64> {
    database
        .read(|transaction| match transaction.open_table(TABLE) {
            Ok(table) => Ok(table.last()?.map(|(key, _)| key.value())),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        })
        .unwrap()
}

fn put(database: &Database, key: u64) -> Mark {
    let written = database.write(|transaction| {
        transaction.open_table(TABLE)?.insert(key, key)?;
        Ok(())
    });
    written.unwrap().1
}

/// Power loss at any moment loses nothing that was said to be flushed, and brings back nothing that was never written.
#[test]
fn what_is_flushed_survives_power_loss_at_any_moment() {
    for seed in 0..40 {
        let simulation = Simulation::new(seed);
        let host = simulation.host("controller");
        let flushed = std::rc::Rc::new(std::cell::Cell::new(0));
        let marks = flushed.clone();
        let mut written = 0;
        for _ in 0..4 {
            let marks = marks.clone();
            let running = host.start("controller", |reactor| async move {
                let database = Database::open(&reactor, Path::new("/data")).await.unwrap();
                let begin = newest(&database).unwrap_or(0);
                assert!(begin >= marks.get(), "{begin} is less than the {} that was flushed", marks.get());
                for key in begin + 1.. {
                    let mark = put(&database, key);
                    database.flushed(mark).await.unwrap();
                    marks.set(key);
                }
            });
            simulation.run_for(std::time::Duration::from_micros(700 + 313 * seed));
            written = written.max(flushed.get());
            drop(running);
            host.crash(if seed % 3 == 0 { Crash::Process } else { Crash::Power });
        }
        let last = simulation.run_on(&host, |reactor| async move {
            newest(&Database::open(&reactor, Path::new("/data")).await.unwrap()).unwrap_or(0)
        });
        // Each crash may leave behind one more that was under way.
        assert!((written..=written + 4).contains(&last), "seed {seed}: {last} after {written}");
    }
}

#[test]
fn a_second_process_is_refused() {
    let simulation = Simulation::new(1);
    let host = simulation.host("controller");
    simulation.run_on(&host, |reactor| async move {
        let _first = Database::open(&reactor, Path::new("/data")).await.unwrap();
        let second = Database::open(&reactor, Path::new("/data")).await;
        assert!(matches!(second, Err(StoreError::Locked { .. })));
    });
}

#[test]
fn a_full_disk_is_waited_out_with_the_reserve() {
    let simulation = Simulation::new(1);
    let host = simulation.host("controller");
    host.set_capacity(64 << 20);
    let inside = host.clone();
    simulation.run_on(&host, |reactor| async move {
        let database = Database::open(&reactor, Path::new("/data")).await.unwrap();
        let space = reactor.space(Path::new("/data")).await.unwrap();
        inside.set_capacity(space.total - space.free);
        for key in 1..200 {
            let mark = put(&database, key);
            database.flushed(mark).await.unwrap();
        }
        inside.set_capacity(space.total);
        assert_eq!(newest(&database), Some(199));
    });
}

#[test]
fn closing_makes_everything_durable() {
    let simulation = Simulation::new(1);
    let host = simulation.host("controller");
    simulation.run_on(&host, |reactor| async move {
        let database = Database::open(&reactor, Path::new("/data")).await.unwrap();
        put(&database, 7);
        database.close().await.unwrap();
    });
    host.crash(Crash::Power);
    simulation.run_on(&host, |reactor| async move {
        let database = Database::open(&reactor, Path::new("/data")).await.unwrap();
        assert_eq!(newest(&database), Some(7));
    });
}

#[test]
fn a_new_database_is_small() {
    let bytes = super::database::empty_database(Path::new("/data")).unwrap();
    assert!(bytes.len() <= 64 << 10, "{} bytes", bytes.len());
}
