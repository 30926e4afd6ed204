//! `ringlog log inspect|verify FILE`

use crate::native::reactor;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use ringlog_batch::{BatchHeader, HEADER_SIZE, describe};
use ringlog_storage::format::segment_header::DATA_START;
use ringlog_storage::inspect::{Detail, Examination, examine};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write, stdout};
use std::path::{Path, PathBuf};

/// A compressed batch is not decompressed beyond this.
const DECOMPRESSED_BYTES_MAX: usize = 256 << 20;

#[derive(Subcommand)]
pub(crate) enum LogCommand {
    /// Print what files of a data directory hold
    #[command(after_help = "\
Examples:
  ringlog log inspect ringlog-data/node/segments/0000010000000000.segment
  ringlog log inspect --records SEGMENT
  ringlog log inspect ringlog-data/node/catalog

Segments, their indexes, journals, checkpoints and the catalog are understood; what a file is, its name says.
Files are only read; with a running node, what it is just writing may look unfinished.")]
    Inspect {
        #[command(flatten)]
        files: Files,
        /// Print the records inside a segment's batches as well
        #[arg(long)]
        records: bool,
    },
    /// Check files of a data directory: every checksum, every order
    #[command(after_help = "\
Example:
  ringlog log verify ringlog-data/node/segments/*.segment

Exit codes: 0 all are sound, 1 something is wrong or unreadable.")]
    Verify(Files),
}

#[derive(Args, Clone)]
pub(crate) struct Files {
    /// Files of a data directory
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(crate) fn run(command: &LogCommand) -> Result<()> {
    let (files, detail, records) = match command {
        LogCommand::Inspect { files, records } => (files, Detail::Everything, *records),
        LogCommand::Verify(files) => (files, Detail::Summary, false),
    };
    let mut damaged = 0;
    for file in &files.files {
        if records {
            print_records(file).with_context(|| format!("cannot read {}", file.display()))?;
        }
        damaged += usize::from(!examine_one(file, detail)?);
    }
    if damaged > 0 {
        bail!("{damaged} of {} files are damaged", files.files.len());
    }
    Ok(())
}

/// Prints the batches of a segment with their records, up to the first bytes that are no batch.
fn print_records(file: &Path) -> Result<()> {
    let mut input = BufReader::new(File::open(file)?);
    let mut left = input.get_ref().metadata()?.len().saturating_sub(DATA_START);
    input.seek(SeekFrom::Start(DATA_START))?;
    let mut out = BufWriter::new(stdout());
    let mut position = DATA_START;
    let mut bytes = vec![0; HEADER_SIZE];
    while left >= HEADER_SIZE as u64 {
        bytes.resize(HEADER_SIZE, 0);
        input.read_exact(&mut bytes)?;
        let Ok(header) = BatchHeader::parse(&bytes) else { break };
        if (header.size() as u64) > left {
            break;
        }
        bytes.resize(header.size(), 0);
        input.read_exact(&mut bytes[HEADER_SIZE..])?;
        let (descriptions, _) = describe(&bytes, ringlog_batch::Detail::Records, DECOMPRESSED_BYTES_MAX);
        for description in descriptions {
            writeln!(out, "at byte {position}: {description}")?;
        }
        left -= bytes.len() as u64;
        position += bytes.len() as u64;
    }
    Ok(out.flush()?)
}

/// Prints what there is to say about a file; whether it is sound.
fn examine_one(file: &Path, detail: Detail) -> Result<bool> {
    let path = std::path::absolute(file)?;
    let (examination, written) = reactor(|reactor| async move {
        let mut out = BufWriter::new(stdout());
        let mut written: io::Result<()> = Ok(());
        let mut tell = |line: &str| {
            if detail == Detail::Everything && written.is_ok() {
                written = writeln!(out, "{line}");
            }
        };
        let examination = examine(&reactor, &path, detail, &mut tell).await?;
        let written = written.and_then(|()| out.flush());
        Ok((examination, written))
    })
    .with_context(|| format!("cannot read {}", file.display()))?;
    written?;
    let Examination { kind, items, bytes, problems } = examination;
    let mut out = stdout().lock();
    for problem in &problems {
        writeln!(out, "{}: DAMAGED: {problem}", file.display())?;
    }
    if problems.is_empty() {
        writeln!(out, "{}: {kind}, {items} items, {bytes} bytes, sound", file.display())?;
    }
    Ok(problems.is_empty())
}
