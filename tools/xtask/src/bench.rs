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
}

struct Comparison {
    name: &'static str,
    what: &'static str,
}

/// Programs of the crate in `benches/`; each explains itself with `--help`.
const COMPARISONS: &[Comparison] =
    &[Comparison { name: "node_cost", what: "server CPU per GB produced and fetched, start, idle" }];

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    for wanted in &arguments.only {
        if COMPARISONS.iter().all(|comparison| comparison.name != wanted) {
            let names: Vec<_> = COMPARISONS.iter().map(|comparison| comparison.name).collect();
            bail!("no comparison {wanted}; there are {}", names.join(", "));
        }
    }
    for Comparison { name, what } in COMPARISONS {
        if !arguments.only.is_empty() && !arguments.only.iter().any(|wanted| wanted == name) {
            continue;
        }
        eprintln!("bench: {name}: {what}");
        let program = crate::build::release(root, "ringlog-benches", name)?;
        let json = root.join("benches/results").join(format!("{name}.json"));
        let status = Command::new(program).current_dir(root).arg("--json").arg(&json).status();
        let status = status.with_context(|| format!("could not start {name}"))?;
        if !status.success() {
            bail!("{name} ended with {status}");
        }
    }
    Ok(())
}
