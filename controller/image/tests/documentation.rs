//! `docs/configs.md` says what the tables of configs say.

use ringlog_image::config::{
    Change, ConfigDefinition, GROUP_CONFIGS, NODE_FACTS, NODE_START_CONFIGS, TOPIC_CONFIGS, node_configs,
};
use std::fmt::Write;

#[test]
fn the_page_of_configs_is_the_tables() {
    let page = include_str!("../../../docs/configs.md");
    let running = node_configs().into_iter().filter(|one| one.change == Change::Running).collect::<Vec<_>>();
    for (name, table) in [
        ("topics", TOPIC_CONFIGS),
        ("nodes", &running),
        ("start", NODE_START_CONFIGS),
        ("facts", NODE_FACTS),
        ("groups", GROUP_CONFIGS),
    ] {
        let wanted = rendered(table);
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
        let found =
            page.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end)).map(|(table, _)| table);
        assert!(found == Some(&wanted), "docs/configs.md should say under {name}:\n{begin}{wanted}{end}");
    }
}

fn rendered(table: &[ConfigDefinition]) -> String {
    let mut text = String::from("\n| name | values | default | what it does |\n|---|---|---|---|\n");
    for one in table {
        let default = one.default.map_or("-".to_owned(), |default| format!("`{default}`"));
        let default = if default == "``" { "(empty)".to_owned() } else { default };
        let values = one.kind;
        writeln!(text, "| `{}` | {values} | {default} | {} |", one.name, one.documentation)
            .expect("a string takes what is written");
    }
    text.push('\n');
    text
}
