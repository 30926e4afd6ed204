//! The `ringlog` executable, built once a test process.

use std::{env, path::PathBuf, process::Command, sync::OnceLock};

/// Set by `cargo xtask verify`, whose build of all packages has just made the executable: a second build, of that package
/// alone, would select other features of shared dependencies and compile them again.
const IS_BUILT: &str = "RINGLOG_EXECUTABLE_IS_BUILT";

/// The path of the executable, built first if it is not up to date.
///
/// Cargo tells only a package's own tests where its executables are, so this asks cargo to build it and looks beside
/// the folder that the running test lies in.
pub fn executable() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(build).clone()
}

fn build() -> PathBuf {
    let test = env::current_exe().expect("a running test has a path");
    let folder = test.parent().expect("an executable lies in a folder");
    // Tests lie in PROFILE/deps, programs in PROFILE.
    let profile =
        if folder.ends_with("deps") { folder.parent().expect("deps lies in PROFILE") } else { folder };
    if env::var_os(IS_BUILT).is_some() {
        return profile.join("ringlog");
    }
    let target = profile.parent().expect("the profile's folder lies in the target folder");
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(["build", "--quiet", "--package", "ringlog", "--bin", "ringlog", "--target-dir"])
        .arg(target);
    if profile.ends_with("release") {
        command.arg("--release");
    }
    // Cargo's variables for this test would make the build of the other package look stale.
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
            command.env_remove(name);
        }
    }
    let status = command.status().expect("cargo runs");
    assert!(status.success(), "building the executable failed: {status}");
    profile.join("ringlog")
}
