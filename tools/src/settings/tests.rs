use super::*;
use ringlog_image::config::ConfigKind;

const TABLE: Table = Table {
    command: "kitchen",
    prefix: "KITCHEN_",
    settings: &[
        Setting { key: "pots", kind: Kind::Texts, default: None, help: "Pots." },
        Setting { key: "cooks", kind: Kind::Number(1, 9, "cooks"), default: Some("2"), help: "Cooks." },
        Setting { key: "listen", kind: Kind::Address, default: Some("127.0.0.1:1"), help: "Where." },
        Setting {
            key: "stove.heat",
            kind: Kind::Word(&["low", "high"]),
            default: Some("low"),
            help: "Heat.",
        },
        Setting {
            key: "kafka.num.plates",
            kind: Kind::Kafka("delete.topic.enable", ConfigKind::Boolean),
            default: Some("true"),
            help: "Plates.",
        },
    ],
};

fn read(text: &str) -> Result<Settings> {
    let mut settings = TABLE.defaults();
    TABLE.read_file(&mut settings, "kitchen.toml", text).map(|()| settings)
}

fn refusal(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn a_file_goes_over_the_defaults() {
    let settings = read("pots = [\"a\", \"b\"]\ncooks = 0x3\n[stove]\nheat = \"high\"\n").unwrap();
    assert_eq!((settings.list("pots").len(), settings.number("cooks")), (2, 3));
    assert_eq!((settings.text("stove.heat"), settings.text("listen")), ("high", "127.0.0.1:1"));
}

#[test]
fn names_with_dots_may_be_quoted_or_not() {
    for text in ["[kafka]\nnum.plates = false", "[kafka]\n\"num.plates\" = false"] {
        assert!(!read(text).unwrap().is("kafka.num.plates"), "{text}");
    }
}

#[test]
fn refusals_name_file_line_key_and_what_is_allowed() {
    for (text, expected) in [
        ("\ncocks = 3", "kitchen.toml:2: cocks is no setting; did you mean cooks?"),
        (
            "[stov]\nheat = 1",
            "kitchen.toml:1: stov is no setting; `ringlog kitchen --print-config` lists all",
        ),
        ("[stove]\nheta = 1", "kitchen.toml:2: stove.heta is no setting; did you mean stove.heat?"),
        ("cooks = 10", "kitchen.toml:1: cooks: \"10\" is not allowed: a number of cooks from 1 to 9"),
        ("cooks = -1", "kitchen.toml:1: cooks: \"-1\" is not allowed: a number of cooks from 1 to 9"),
        ("cooks = \"2\"", "kitchen.toml:1: cooks: expected a number of cooks from 1 to 9, found a string"),
        ("listen = \"x\"", "kitchen.toml:1: listen: \"x\" is not allowed: HOST:PORT"),
        ("[stove]\nheat = \"mid\"", "kitchen.toml:2: stove.heat: \"mid\" is not allowed: one of low, high"),
        ("cooks = [1]", "kitchen.toml:1: cooks: expected a number of cooks from 1 to 9, found an array"),
    ] {
        assert_eq!(refusal(text), expected, "{text}");
    }
    assert!(refusal("cooks = 1\ncooks = 2").starts_with("kitchen.toml:2: "));
    assert!(refusal("cooks =").starts_with("kitchen.toml:1: "));
}

#[test]
fn the_environment_goes_over_the_file_and_flags_over_both() {
    let variable = |name: &str, value: &str| [(name.to_owned(), value.to_owned())];
    let resolve = |environment, flags: &[_]| TABLE.resolve(None, environment, flags);
    let settings = resolve(variable("KITCHEN_POTS", "a, b"), &[]).unwrap();
    assert_eq!(settings.list("pots"), ["a", "b"]);
    let flags = [("--cooks", "cooks", vec!["4".to_owned()])];
    let settings = resolve(variable("KITCHEN_COOKS", "3"), &flags).unwrap();
    assert_eq!(settings.number("cooks"), 4);
    let misspelt = resolve(variable("KITCHEN_STOVE_HEET", "low"), &[]).unwrap_err().to_string();
    let expected =
        "the environment variable KITCHEN_STOVE_HEET is no setting; did you mean KITCHEN_STOVE_HEAT?";
    assert_eq!(misspelt, expected);
    let wrong = resolve(variable("KITCHEN_COOKS", "x"), &[]).unwrap_err().to_string();
    assert_eq!(wrong, "KITCHEN_COOKS: \"x\" is not allowed: a number of cooks from 1 to 9");
    assert!(resolve(variable("KITCHEN_CONFIG", "file"), &[]).is_ok());
    assert!(resolve(variable("OTHER", "x"), &[]).is_ok());
}

#[test]
fn what_is_printed_can_be_read_again() {
    for settings in [TABLE.defaults(), read("pots = [\"a\"]\ncooks = 9\nkafka.num.plates = false").unwrap()] {
        let printed = print(&TABLE, &settings);
        let again = read(&printed).unwrap_or_else(|error| panic!("{error}\n{printed}"));
        assert_eq!(again.values, settings.values, "{printed}");
        for setting in TABLE.settings {
            assert!(printed.contains(setting.help), "{printed}");
        }
    }
}
