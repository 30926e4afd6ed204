//! `cargo xtask bench`: the comparisons in `benches/`, each against its floor in the same run.

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Run only this comparison (may be given several times)
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// One short round of each, to see that all works
    #[arg(long)]
    quick: bool,
    /// Megabytes (2^20) that `compare` lets lie on disk before a case that reads; 8192 is what the project's targets mean,
    /// less is quicker [default: 2048]
    #[arg(long, value_name = "MIB", conflicts_with = "quick")]
    preload: Option<u64>,
    /// Further flags for the comparison, with --only: `-- --case produce-1 --keep`
    #[arg(last = true, requires = "only")]
    further: Vec<String>,
}

struct Comparison {
    name: &'static str,
    what: &'static str,
    /// Programs that it starts from beside itself.
    needs: &'static [&'static str],
    /// What makes it short.
    quick: &'static [&'static str],
    /// Some of its cases read what `--preload` says lies on disk.
    reads: bool,
}

/// Programs of the crate in `benches/`; each explains itself with `--help`.
const COMPARISONS: &[Comparison] = &[
    Comparison {
        name: "compare",
        what: "throughput, latency and cost beside the floor and Apache Kafka, under `ringlog bench`",
        needs: &["floor"],
        quick: &["--quick"],
        reads: true,
    },
    Comparison {
        name: "node_cost",
        what: "server CPU per GB produced and fetched, start, idle",
        needs: &[],
        quick: &["--rounds", "1", "--megabytes", "128"],
        reads: false,
    },
];

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    for wanted in &arguments.only {
        if COMPARISONS.iter().all(|comparison| comparison.name != wanted) {
            let names: Vec<_> = COMPARISONS.iter().map(|comparison| comparison.name).collect();
            bail!("no comparison {wanted}; there are {}", names.join(", "));
        }
    }
    let preload = arguments.preload.map(|preload| ["--preload".to_owned(), preload.to_string()]);
    for Comparison { name, what, needs, quick, reads } in COMPARISONS {
        if !arguments.only.is_empty() && !arguments.only.iter().any(|wanted| wanted == name) {
            continue;
        }
        eprintln!("bench: {name}: {what}");
        for needed in *needs {
            crate::build::release(root, "ringlog-benches", needed)?;
        }
        let program = crate::build::release(root, "ringlog-benches", name)?;
        let json = root.join("benches/results").join(format!("{name}.json"));
        let status = Command::new(program)
            .current_dir(root)
            .arg("--json")
            .arg(&json)
            .args(if arguments.quick { *quick } else { &[] })
            .args(preload.iter().flatten().filter(|_| *reads))
            .args(&arguments.further)
            .status();
        let status = status.with_context(|| format!("could not start {name}"))?;
        if !status.success() {
            bail!("{name} ended with {status}");
        }
    }
    Ok(())
}
