//! `docs/configs.md` says what the tables of configs say.

use ringlog_image::config::{
    Change, ConfigDefinition, ConfigKind, GROUP_CONFIGS, TOPIC_CONFIGS, node_configs,
};
use std::fmt::Write;

#[test]
fn the_page_of_configs_is_the_tables() {
    let page = include_str!("../../../docs/configs.md");
    let running = node_configs().into_iter().filter(|one| one.change == Change::Running).collect::<Vec<_>>();
    let start = node_configs().into_iter().filter(|one| one.change == Change::Restart).collect::<Vec<_>>();
    for (name, table) in
        [("topics", TOPIC_CONFIGS), ("nodes", &running), ("start", &start), ("groups", GROUP_CONFIGS)]
    {
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
        let values = values(one.kind);
        writeln!(text, "| `{}` | {values} | {default} | {} |", one.name, one.documentation)
            .expect("a string takes what is written");
    }
    text.push('\n');
    text
}

fn values(kind: ConfigKind) -> String {
    let bounds = |least: i64, most: i64, type_most: i64| match (least, most) {
        (i64::MIN, _) => String::new(),
        (least, most) if most == type_most => format!(" from {least}"),
        (least, most) => format!(" {least} to {most}"),
    };
    match kind {
        ConfigKind::Boolean => "true, false".to_owned(),
        ConfigKind::Int(i32::MIN, _) => "int".to_owned(),
        ConfigKind::Int(least, most) => {
            format!("int{}", bounds(least.into(), most.into(), i32::MAX.into()))
        }
        ConfigKind::IntOr(other, least, most) => format!("int {least} to {most}, or {other}"),
        ConfigKind::Long(least, most) => format!("long{}", bounds(least, most, i64::MAX)),
        ConfigKind::Ratio => "0 to 1".to_owned(),
        ConfigKind::Word(words) => words.join(", "),
        ConfigKind::Words(words) => format!("list of {}", words.join(", ")),
        ConfigKind::Replicas => "list of partition:node, or *".to_owned(),
        ConfigKind::Text => "text".to_owned(),
        ConfigKind::Texts => "list".to_owned(),
    }
}
