//! The configuration as a file with a comment for each setting.

use super::{Settings, Table};
use std::fmt::Write;

/// The file that says what `settings` say.
pub(crate) fn print(table: &Table, settings: &Settings) -> String {
    let variable = table.variable(table.settings[0].key);
    let mut text = format!(
        "# Configuration of `ringlog {}`. All of it may be left out but what has no default; these are the values that hold.\n\
         # The environment goes over the file ({variable}=..., commas between the parts of a list), flags over both.\n",
        table.command,
    );
    let mut section = "";
    for setting in table.settings {
        let (above, name) = match setting.key.split_once('.') {
            Some((above, name)) => (above, name),
            None => ("", setting.key),
        };
        if above != section {
            section = above;
            let _ = write!(text, "\n[{section}]\n");
        }
        let name = if name.contains('.') { format!("\"{name}\"") } else { name.to_owned() };
        let values = settings.list(setting.key);
        let hidden = if values.is_empty() && setting.default.is_none() { "# " } else { "" };
        let shown = shown(setting.kind, values);
        let _ =
            write!(text, "\n# {}\n# ({})\n{hidden}{name} = {shown}\n", setting.help, setting.kind.allowed());
    }
    text
}

fn shown(kind: super::Kind, values: &[String]) -> String {
    let one = |value: &String| if kind.is_quoted() { format!("{value:?}") } else { value.clone() };
    if kind.is_list() {
        format!("[{}]", values.iter().map(one).collect::<Vec<_>>().join(", "))
    } else {
        values.first().map_or_else(|| "\"\"".to_owned(), one)
    }
}
