//! The wall between the core and the binding.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::fs;
use std::path::{Path, PathBuf};

/// The Rust files below a folder of `src`, and their text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    files
}

#[test]
fn the_core_does_not_know_napi() {
    let core = sources("core");
    assert!(core.len() > 10, "the core was looked for in the wrong place");
    for (path, text) in core {
        let naming = text.lines().find(|line| line.contains("napi"));
        assert_eq!(naming, None, "{} names it", path.display());
    }
}

#[test]
fn unsafe_stands_only_where_the_descriptor_is_adopted() {
    for (path, text) in sources(".") {
        let is_allowed = path.ends_with("core/socket.rs");
        assert!(is_allowed || !text.contains("unsafe {"), "{}", path.display());
    }
}
