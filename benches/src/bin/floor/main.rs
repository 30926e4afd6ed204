//! The floor: a server that does of a broker's work only what cannot be left out, speaking enough of the Kafka protocol
//! that `ringlog bench` drives it with the same frames over the same connections.
//!
//! ```text
//! floor --data FOLDER                     prints its address, ends with its standard input
//!
//! produce: receive -> checksum -> copy into the group -> direct write that is a sync -> answer everybody of the group
//! fetch:   batches from memory (--fetch memory), or from file to socket (--fetch file)
//! ```
//!
//! All partitions go into one preallocated file, one group at a time: what arrives while a group is written is the next
//! one. Its first blocks have been written before, as those of a log that uses files again. It keeps no index on disk,
//! checks no sequence, recovers nothing, and forgets everything at its end.
#![forbid(unsafe_code)]

mod answers;
mod connection;
mod log;
mod outbox;

use clap::{Parser, ValueEnum};
use log::Log;
use ringlog_reactor::{Options, Reactor};
use std::path::PathBuf;
use std::rc::Rc;

/// The allocator of the `ringlog` executable.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Where fetched batches are sent from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FetchFrom {
    Memory,
    File,
}

/// A server that does only what cannot be left out.
#[derive(Parser, Clone)]
struct Arguments {
    /// Folder for its file, which is removed at the end
    #[arg(long)]
    data: PathBuf,
    /// Bytes of the file, reserved before the first connection
    #[arg(long, default_value_t = 6 << 30)]
    file_bytes: u64,
    /// Bytes of it that have been written before, so that their blocks are in use already
    #[arg(long, default_value_t = 512 << 20)]
    written_bytes: u64,
    /// Where fetched batches are sent from
    #[arg(long, value_enum, default_value = "memory")]
    fetch: FetchFrom,
    /// Bytes of the newest batches that stay in memory
    #[arg(long, default_value_t = 64 << 20)]
    memory_bytes: usize,
    /// Leave the syncs out: what a page cache promises
    #[arg(long)]
    no_sync: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    // However the benchmark ends, its end of this pipe closes, and the floor ends with it.
    let file = arguments.data.join(log::FILE);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = std::fs::remove_file(file);
        std::process::exit(0);
    });
    let options = Options { name: "floor".to_owned(), ..Options::default() };
    ringlog_reactor::run(options, move |reactor| serve(reactor, arguments))?
}

async fn serve(reactor: Reactor, arguments: Arguments) -> anyhow::Result<()> {
    let listener = reactor.listen("127.0.0.1:0".parse()?)?;
    let log = Rc::new(Log::create(&reactor, &arguments).await?);
    println!("{}", listener.local_address());
    let address = listener.local_address();
    let committing = log.clone();
    reactor
        .spawn(async move {
            if let Err(error) = committing.commit_groups().await {
                eprintln!("floor: {error}");
                std::process::exit(1);
            }
        })
        .detach();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let serving = connection::Connection::new(&reactor, stream, log.clone(), address);
        reactor
            .spawn(async move {
                if let Err(error) = serving.serve().await {
                    eprintln!("floor: {error:#}");
                }
            })
            .detach();
    }
}
