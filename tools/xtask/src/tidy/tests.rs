use super::*;
use edges::{Crate, MayUse};

fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}

#[test]
fn this_repository_keeps_its_rules() {
    let complaints = check(&crate::root().unwrap()).unwrap();
    assert_eq!(complaints, []);
}

const README: &str = "## The rooms\n\n| room | what | may use |\n|---|---|---|\n\
    | `reactor/` | io | nothing of ours |\n| `node/` | n | reactor, protocol, image |\n| `tools/` | t | anything |\n";

fn complaints_about(folder: &str, uses: &[&str]) -> usize {
    let uses = uses.iter().map(ToString::to_string).collect();
    edges::check(&edges::rooms(README).unwrap(), &[Crate { folder: folder.to_owned(), uses }]).len()
}

#[test]
fn an_edge_outside_the_table_is_found() {
    assert_eq!(complaints_about("node", &["reactor", "protocol/kafka", "controller/image"]), 0);
    assert_eq!(complaints_about("node", &["controller/decide", "client"]), 2);
    assert_eq!(complaints_about("reactor", &["protocol/model"]), 1);
    assert_eq!(complaints_about("tools/xtask", &["reactor", "node"]), 0);
    assert_eq!(complaints_about("node/new", &[]), 1, "a crate without a row");
    assert!(matches!(edges::rooms(README).unwrap()["tools"], MayUse::Anything));
}

#[test]
fn a_dependency_without_reason_or_with_a_version_of_its_own_is_found() {
    let root = "[workspace.dependencies]\nours = { path = \"x\" }\nslab = \"0.4\"\nbytes = \"1\" # slices\n";
    assert_eq!(manifests::check(&source("Cargo.toml", root)).len(), 1);
    let room = "[dependencies]\nslab = \"0.4\"\nbytes.workspace = true\n[features]\ndefault = []\n";
    assert_eq!(manifests::check(&source("node/Cargo.toml", room)).len(), 1);
}

#[test]
fn leftovers_and_white_space_are_found() {
    let left = format!("fn f() {{\n    {}!()\n}}", "todo");
    assert_eq!(sources::check(&source("client/src/a.rs", &left)).len(), 1);
    assert_eq!(sources::check(&source("client/src/a.rs", "let a = 1; \n\tlet b;\n")).len(), 2);
    assert_eq!(sources::check(&source("tests/clients/go/main.go", "\tx := 1\n")).len(), 0);
    let long = "\n".repeat(701);
    assert_eq!(sources::check(&source("node/src/long.rs", &long)).len(), 1);
    assert_eq!(sources::check(&source("protocol/kafka/src/messages/long.rs", &long)).len(), 0);
}

#[test]
fn paths_of_one_machine_are_found() {
    for (folder, found) in [("work", 1), ("root", 1), ("home", 1), ("var", 0)] {
        assert_eq!(sources::check(&source("docs/a.md", &format!("see /{folder}/x"))).len(), found);
    }
    assert_eq!(sources::check(&source("docs/a.md", &format!("results/{}/x", "work"))).len(), 0);
}

#[test]
fn unsafe_code_needs_the_reactor_and_an_explanation() {
    let block = format!("let a = {} {{ f() }};", "unsafe");
    assert_eq!(sources::check(&source("node/src/a.rs", &block)).len(), 1);
    assert_eq!(sources::check(&source("reactor/src/a.rs", &block)).len(), 1);
    let explained = format!("// SAFETY: `f` has no demands.\n{block}");
    assert_eq!(sources::check(&source("reactor/src/a.rs", &explained)).len(), 0);
}

#[test]
fn the_world_is_reached_through_the_reactor_only() {
    for banned in ["use std::fs;", "tokio::spawn(f);", "let m = HashMap::new();", "std::time::Instant::now()"]
    {
        assert!(!determinism::check(&source("node/src/a.rs", banned)).is_empty(), "{banned}");
        assert!(determinism::check(&source("node/tests/a.rs", banned)).is_empty(), "{banned} in tests");
        assert!(determinism::check(&source("tools/src/a.rs", banned)).is_empty(), "{banned} in tools");
    }
    for fine in ["use std::net::SocketAddr;", "use core::time::Duration;", "BTreeMap::new()", "operand::f()"]
    {
        assert!(determinism::check(&source("storage/src/a.rs", fine)).is_empty(), "{fine}");
    }
    let tested = "fn f() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
    assert!(determinism::check(&source("storage/src/a.rs", tested)).is_empty());
}
