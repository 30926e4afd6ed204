//! `cargo xtask verify`: each step with its time, stopping at the first that fails.
//!
//! All steps use one profile and one set of features, so that they share what they build.

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// What to run.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Run only these steps (comma separated), in verify's order
    #[arg(long, value_delimiter = ',', value_name = "STEP")]
    only: Vec<String>,
}

struct Step {
    name: &'static str,
    run: fn(&Path) -> Result<()>,
}

const STEPS: &[Step] = &[
    Step { name: "tools", run: tools },
    Step { name: "format", run: format },
    Step { name: "tidy", run: crate::tidy::run },
    Step { name: "clippy", run: clippy },
    Step { name: "tests", run: tests },
    Step { name: "docs", run: docs },
    Step { name: "simulation", run: simulation },
];

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    if let Some(unknown) = arguments.only.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        bail!("no step {unknown}; there are {}", names.join(", "));
    }
    let begun = Instant::now();
    for step in STEPS {
        if !arguments.only.is_empty() && arguments.only.iter().all(|name| name != step.name) {
            continue;
        }
        eprintln!("verify: {} ...", step.name);
        let step_begun = Instant::now();
        let outcome = (step.run)(root);
        let seconds = step_begun.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => eprintln!("verify: {} passed in {seconds:.1} s", step.name),
            Err(error) => {
                eprintln!("verify: {} FAILED after {seconds:.1} s", step.name);
                return Err(error.context(format!("verify stopped at the step {}", step.name)));
            }
        }
    }
    eprintln!("verify: all passed in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// What the other steps need beside the Rust toolchain: librdkafka, which a test dependency builds from source, wants a
/// C and C++ compiler and make.
fn tools(root: &Path) -> Result<()> {
    for (component, probe) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if !succeeds(cargo(root).args([probe, "--version"])) {
            eprintln!("verify: installing {component}");
            command("rustup", root, &["component", "add", component])
                .with_context(|| format!("cargo {probe} is missing; install the component {component}"))?;
        }
    }
    let wanted = [("cc", "gcc"), ("c++", "g++"), ("make", "make")];
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|(program, _)| !succeeds(Command::new(program).arg("--version")))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.join(" ");
    let advice = format!("missing: {packages} (on Debian or Ubuntu: sudo apt-get install {packages})");
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if !is_root || !succeeds(Command::new("apt-get").arg("--version")) {
        bail!(advice);
    }
    eprintln!("verify: installing {packages}");
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(&missing);
    // A fresh container has no package lists; one that has them is not made to fetch them again.
    if command("apt-get", root, &arguments).is_err() {
        command("apt-get", root, &["update"]).context(advice.clone())?;
        command("apt-get", root, &arguments).context(advice)?;
    }
    Ok(())
}

fn format(root: &Path) -> Result<()> {
    status(cargo(root).args(["fmt", "--all", "--check"])).context("`cargo fmt` mends it")
}

fn clippy(root: &Path) -> Result<()> {
    let lint = ["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"];
    status(cargo(root).args(lint))
}

fn tests(root: &Path) -> Result<()> {
    let test = ["test", "--workspace", "--locked", "--quiet"];
    status(cargo(root).args(test).env("RINGLOG_EXECUTABLE_IS_BUILT", "yes"))
}

/// Private items are documented too, so links to them lead somewhere.
fn docs(root: &Path) -> Result<()> {
    let document = ["doc", "--workspace", "--no-deps", "--locked", "--quiet", "--document-private-items"];
    status(cargo(root).args(document).env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private-intra-doc-links"))
}

/// Whole clusters under crashes, by other seeds than the tests have. Named as a test of the whole workspace, it is built
/// already.
fn simulation(root: &Path) -> Result<()> {
    let test = ["test", "--workspace", "--locked", "--quiet", "--test", "seeds", "--", "whatever_crashes"];
    status(cargo(root).args(test).env("RINGLOG_SIMULATION_FROM", "1000"))
}

/// The cargo that runs this, in the workspace's folder.
fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

fn command(program: &str, root: &Path, arguments: &[&str]) -> Result<()> {
    status(Command::new(program).args(arguments).current_dir(root))
}

fn status(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
