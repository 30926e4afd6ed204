//! `cargo xtask deb`: the Debian package, by what every Debian has: dpkg-deb, gzip and strip.

use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How to build it.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The profile of the executable
    #[arg(long, default_value = "release", value_name = "PROFILE")]
    profile: String,
    /// Package this executable instead of building one
    #[arg(long, value_name = "FILE", conflicts_with = "profile")]
    executable: Option<PathBuf>,
    /// Where the package goes [default: target/debian]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The revision of the package, after the version of the program
    #[arg(long, default_value_t = 1, value_name = "N")]
    revision: u32,
}

/// Where the sources of the package are.
const SOURCES: &str = "tools/packaging";
/// What is installed as it stands: from the workspace's folder, to the machine's.
const FILES: &[(&str, &str)] = &[
    ("tools/packaging/ringlog-node.service", "usr/lib/systemd/system/ringlog-node.service"),
    ("tools/packaging/ringlog-controller.service", "usr/lib/systemd/system/ringlog-controller.service"),
    ("tools/packaging/node.toml", "etc/ringlog/node.toml"),
    ("tools/packaging/controller.toml", "etc/ringlog/controller.toml"),
    ("tools/packaging/debian/copyright", "usr/share/doc/ringlog/copyright"),
    ("README.md", "usr/share/doc/ringlog/README.md"),
    ("docs/operations.md", "usr/share/doc/ringlog/operations.md"),
    ("docs/configs.md", "usr/share/doc/ringlog/configs.md"),
    ("docs/format.md", "usr/share/doc/ringlog/format.md"),
    ("docs/protocol.md", "usr/share/doc/ringlog/protocol.md"),
    ("docs/benchmarking.md", "usr/share/doc/ringlog/benchmarking.md"),
    ("docs/grafana-dashboard.json", "usr/share/doc/ringlog/grafana-dashboard.json"),
    ("tools/packaging/debian/lintian-overrides", "usr/share/lintian/overrides/ringlog"),
];
/// What is installed compressed, as Debian wants it.
const COMPRESSED: &[(&str, &str)] = &[
    ("CHANGELOG.md", "usr/share/doc/ringlog/changelog.gz"),
    ("tools/packaging/debian/ringlog.1", "usr/share/man/man1/ringlog.1.gz"),
];
const SCRIPTS: &[&str] = &["postinst", "prerm", "postrm"];

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    let program = match &arguments.executable {
        Some(executable) => executable.clone(),
        None => crate::build::with_profile(root, &arguments.profile, "ringlog", "ringlog")?,
    };
    let output = arguments.output.clone().unwrap_or_else(|| root.join("target/debian"));
    let architecture = said(Command::new("dpkg").arg("--print-architecture"))?;
    let version = format!("{}-{}", version(root)?, arguments.revision);
    let name = format!("ringlog_{version}_{architecture}");
    let stage = output.join(&name);
    if stage.exists() {
        fs::remove_dir_all(&stage)?;
    }
    install(root, &program, &stage, &version)?;
    write(&stage.join("DEBIAN/md5sums"), checksums(&stage)?.as_bytes(), 0o644)?;
    let control = control(root, &stage, &version, &architecture)?;
    write(&stage.join("DEBIAN/control"), control.as_bytes(), 0o644)?;
    let package = output.join(format!("{name}.deb"));
    done(Command::new("dpkg-deb").args(["--root-owner-group", "--build"]).arg(&stage).arg(&package))?;
    fs::remove_dir_all(&stage)?;
    println!("{}", package.display());
    Ok(())
}

fn install(root: &Path, program: &Path, stage: &Path, version: &str) -> Result<()> {
    let installed = stage.join("usr/bin/ringlog");
    write(&installed, &fs::read(program)?, 0o755)?;
    done(Command::new("strip").arg("--strip-unneeded").arg(&installed))?;
    for (from, to) in FILES {
        write(&stage.join(to), &read(&root.join(from))?, 0o644)?;
    }
    for (from, to) in COMPRESSED {
        compress(&root.join(from), &stage.join(to))?;
    }
    let unpacked = stage.join("changelog");
    write(&unpacked, changelog(root, version)?.as_bytes(), 0o644)?;
    compress(&unpacked, &stage.join("usr/share/doc/ringlog/changelog.Debian.gz"))?;
    fs::remove_file(unpacked)?;
    let sources = root.join(SOURCES).join("debian");
    for script in SCRIPTS {
        write(&stage.join("DEBIAN").join(script), &read(&sources.join(script))?, 0o755)?;
    }
    write(&stage.join("DEBIAN/conffiles"), &read(&sources.join("conffiles"))?, 0o644)
}

/// What has changed in the package, which is nothing by itself. The date is that of the last commit, so that the same
/// sources give the same package.
fn changelog(root: &Path, version: &str) -> Result<String> {
    let seconds = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(seconds) => seconds,
        Err(_) => said(Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(root))?,
    };
    let date =
        said(Command::new("date").args(["--rfc-email", "--utc", "--date"]).arg(format!("@{seconds}")))?;
    let control = String::from_utf8(read(&root.join(SOURCES).join("debian/control"))?)?;
    let maintainer = control.lines().find_map(|line| line.strip_prefix("Maintainer: "));
    let maintainer = maintainer.context("the control file names a maintainer")?;
    Ok(format!(
        "ringlog ({version}) unstable; urgency=medium\n\n  * What has changed is in changelog.gz.\n\n -- {maintainer}  {date}\n"
    ))
}

/// What `dpkg --verify` compares the installed files with.
fn checksums(stage: &Path) -> Result<String> {
    let mut files = Command::new("find");
    files.args(["etc", "usr", "-type", "f"]).current_dir(stage);
    let mut files: Vec<String> = said(&mut files)?.lines().map(str::to_owned).collect();
    files.sort();
    Ok(said(Command::new("md5sum").args(files).current_dir(stage))? + "\n")
}

fn compress(from: &Path, to: &Path) -> Result<()> {
    let zipped = Command::new("gzip").args(["-9", "--no-name", "--stdout"]).arg(from).output();
    let zipped = zipped.context("gzip could not be started")?;
    ensure!(zipped.status.success(), "gzip {} ended with {}", from.display(), zipped.status);
    write(to, &zipped.stdout, 0o644)
}

/// The control file with what is known only now.
fn control(root: &Path, stage: &Path, version: &str, architecture: &str) -> Result<String> {
    let template = String::from_utf8(read(&root.join(SOURCES).join("debian/control"))?)?;
    let libc = newest_libc(&read(&stage.join("usr/bin/ringlog"))?).context("the executable names no libc")?;
    let size = kibibytes(stage)?;
    let values = [
        ("@VERSION@", version.to_owned()),
        ("@ARCHITECTURE@", architecture.to_owned()),
        ("@LIBC@", format!("{}.{}", libc.0, libc.1)),
        ("@SIZE@", size.to_string()),
    ];
    Ok(values.iter().fold(template, |text, (name, value)| text.replace(name, value)))
}

/// The newest version of a symbol of glibc (`GLIBC_2.34`) that an executable names.
fn newest_libc(program: &[u8]) -> Option<(u32, u32)> {
    const MARK: &[u8] = b"GLIBC_";
    let mut newest = None;
    let mut rest = program;
    while let Some(at) = rest.windows(MARK.len()).position(|window| window == MARK) {
        rest = &rest[at + MARK.len()..];
        let is_part = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
        let text: String = rest.iter().take_while(is_part).take(16).map(|byte| char::from(*byte)).collect();
        let mut parts = text.split('.').map(str::parse);
        if let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) {
            newest = newest.max(Some((major, minor)));
        }
    }
    newest
}

/// What the files below a folder take on a disk, without those for dpkg alone.
fn kibibytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if entry.file_name() == "DEBIAN" {
            continue;
        }
        sum += if metadata.is_dir() { 1 + kibibytes(&entry.path())? } else { metadata.len().div_ceil(1024) };
    }
    Ok(sum)
}

/// The version of the workspace.
fn version(root: &Path) -> Result<String> {
    let metadata = cargo_metadata::MetadataCommand::new().current_dir(root).no_deps().exec()?;
    let package = metadata.packages.iter().find(|package| package.name.as_str() == "ringlog");
    Ok(package.context("the workspace has a package ringlog")?.version.to_string())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Writes a file and the folders above it, with modes that do not depend on who builds.
fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let folder = path.parent().context("a file has a folder")?;
    let missing: Vec<_> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
    fs::create_dir_all(folder)?;
    for folder in missing {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}

fn done(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("{name} could not be started"))?;
    ensure!(status.success(), "{name} ended with {status}");
    Ok(())
}

fn said(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{name} could not be started"))?;
    if !output.status.success() {
        bail!("{name} ended with {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_libc_that_is_needed_is_found() {
        let program = b"\0GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_2.9\0GLIBC_PRIVATE\0GLIBC_";
        assert_eq!(newest_libc(program), Some((2, 34)));
        assert_eq!(newest_libc(b"static"), None);
    }

    #[test]
    fn everything_that_is_packaged_is_in_the_tree() {
        let root = crate::root().unwrap();
        for (from, _) in FILES.iter().chain(COMPRESSED) {
            assert!(root.join(from).is_file(), "{from}");
        }
        let conffiles = fs::read_to_string(root.join(SOURCES).join("debian/conffiles")).unwrap();
        for conffile in conffiles.lines() {
            assert!(FILES.iter().any(|(_, to)| conffile.strip_prefix('/') == Some(to)), "{conffile}");
        }
        let control = fs::read_to_string(root.join(SOURCES).join("debian/control")).unwrap();
        for name in ["@VERSION@", "@ARCHITECTURE@", "@LIBC@", "@SIZE@"] {
            assert_eq!(control.matches(name).count(), 1, "{name}");
        }
    }
}
