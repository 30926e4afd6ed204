use super::*;

/// A run as an earlier release may have written it: reading it must go on working.
const RUN: &str = include_str!("run.json");

fn run(name: &str) -> Outcome {
    let mut outcome: Outcome = serde_json::from_str(RUN).unwrap();
    outcome.name = name.to_owned();
    outcome
}

/// What is known is still there, as it was; there may be more.
fn assert_keeps(written: &serde_json::Value, known: &serde_json::Value, path: &str) {
    match known.as_object() {
        Some(fields) => {
            for (field, value) in fields {
                assert_keeps(&written[field], value, &format!("{path}, {field}"));
            }
        }
        None => assert_eq!(written, known, "{path}"),
    }
}

#[test]
fn the_fields_of_a_run_keep_their_names() {
    let outcome = run("produce");
    let written: serde_json::Value = serde_json::to_value(&outcome).unwrap();
    let known: serde_json::Value = serde_json::from_str(RUN).unwrap();
    assert_keeps(&written, &known, "the run");
    for field in [
        "records",
        "mb_per_s",
        "records_per_s",
        "p50_us",
        "p99_us",
        "p999_us",
        "errors",
        "lost",
        "client_cpu_s",
        "server_cpu_s_per_gb",
    ] {
        assert!(written[field].is_number(), "{field}: scripts rely on it");
    }
}

#[test]
fn a_page_needs_nothing_beside_itself() {
    let page = page::of(&[run("first <run>"), run("second")]).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert!(page.contains("first &lt;run&gt;") && page.contains("second"));
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    assert!(page.matches("<svg").count() >= 6, "{}", page.matches("<svg").count());
    let outside = ["<script", "<link", "<img", "src=\"http", "href=\"http", "@import", "url("];
    assert!(outside.iter().all(|tag| !page.contains(tag)));
    // The same runs make the same page.
    assert_eq!(page, page::of(&[run("first <run>"), run("second")]).unwrap());
}

#[test]
fn files_of_one_run_and_of_several_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let (one, several, page) =
        (folder.path().join("1"), folder.path().join("2"), folder.path().join("page.html"));
    std::fs::write(&one, RUN).unwrap();
    std::fs::write(&several, format!("{{\"runs\": [{RUN}, {RUN}]}}")).unwrap();
    write(&[one, several.clone()], &page).unwrap();
    assert!(std::fs::read_to_string(&page).unwrap().contains("3 run(s)"));
    std::fs::write(&several, "{}").unwrap();
    let error = format!("{:#}", write(&[several], &page).unwrap_err());
    assert!(error.contains("holds no run"), "{error}");
}
