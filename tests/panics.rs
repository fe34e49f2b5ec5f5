//! A panic must reach JavaScript as an error: napi catches it where it is asked to, and can only if
//! panics unwind.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The first line of every function, method and constructor that JavaScript can call, with what
/// napi is told about it.
fn exports(source: &str) -> Vec<(String, String)> {
    let mut exports = Vec::new();
    let mut told = None;
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[napi") {
            told = Some(line.to_owned());
        } else if line.starts_with("pub fn ") || line.starts_with("pub async fn ") {
            if let Some(told) = told.take() {
                exports.push((line.to_owned(), told));
            }
        } else if !line.starts_with("#[") && !line.starts_with("//") {
            told = None;
        }
    }
    exports
}

#[test]
fn every_export_catches_panics() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/binding");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        for (function, told) in exports(&fs::read_to_string(&path).unwrap()) {
            assert!(told.contains("catch_unwind"), "{}: {function}", path.display());
            count += 1;
        }
    }
    assert!(count > 20, "only {count} exports were found");
}

#[test]
fn the_reader_of_exports_sees_what_lacks_it() {
    let source =
        "#[napi(catch_unwind)]\npub fn safe() {}\n#[cfg(unix)]\n#[napi]\npub fn not(a: u8) {}";
    let found = exports(source);
    assert_eq!(found.len(), 2);
    assert_eq!(found[1], ("pub fn not(a: u8) {}".to_owned(), "#[napi]".to_owned()));
}

#[test]
fn panics_unwind_in_the_published_binary() {
    let manifest = read("Cargo.toml");
    let abort = manifest.lines().find(|line| line.starts_with("panic") && line.contains("abort"));
    assert_eq!(abort, None, "a panic would end the dev server");
}
