//! The rooms of the core import one way: each one from those below it only.
//!
//! Every path in every file is looked at, those within macros too; comments are not. The wall
//! between the core and napi needs no test: `cargo check --no-default-features` builds the core
//! without that dependency.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, bottom to top.
const ROOMS: [&str; 12] = [
    "acknowledgement",
    "error",
    "socket",
    "protocol",
    "resume",
    "peer",
    "outgoing",
    "events",
    "context",
    "connection",
    "io",
    "hub",
];

/// A path of modules below the crate, such as `["core", "hub"]`.
type Module = Vec<String>;

/// A path that a file names, resolved, and its line.
#[derive(Debug, PartialEq, Eq)]
struct Reference {
    path: Module,
    line: usize,
}

/// The paths to `crate::…` and `super::…` in a source file.
fn references(source: &str, module: &[String]) -> Vec<Reference> {
    let mut found = Vec::new();
    walk(source.parse().unwrap(), module, &mut found);
    found
}

fn walk(stream: TokenStream, module: &[String], found: &mut Vec<Reference>) {
    let mut tokens: Vec<_> = stream.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if let Some((name, body)) = inline_module(&tokens[at..]) {
            let inner = [module, &[name]].concat();
            walk(body.stream(), &inner, found);
            at += 3;
        } else if let Some((base, length)) = root(&tokens[at..], module) {
            let line = tokens[at].span().start().line;
            let rest = tokens.split_off(at + length);
            read_path(&rest, base, line, found);
            tokens.extend(rest);
            at += length;
        } else {
            if let TokenTree::Group(group) = &tokens[at] {
                walk(group.stream(), module, found);
            }
            at += 1;
        }
    }
}

/// `mod name { … }`
fn inline_module(tokens: &[TokenTree]) -> Option<(String, &Group)> {
    match tokens {
        [TokenTree::Ident(keyword), TokenTree::Ident(name), TokenTree::Group(body), ..]
            if keyword == "mod" && body.delimiter() == Delimiter::Brace =>
        {
            Some((name.to_string(), body))
        }
        _ => None,
    }
}

/// The module that a path starts from, and the tokens that say so: `crate::` or `super::super::`.
fn root(tokens: &[TokenTree], module: &[String]) -> Option<(Module, usize)> {
    if is_ident(tokens.first(), "crate") && is_separator(&tokens[1..]) {
        return Some((Vec::new(), 3));
    }
    let mut length = 0;
    let mut base = module.to_vec();
    while is_ident(tokens.get(length), "super") && is_separator(&tokens[length + 1..]) {
        base.pop();
        length += 3;
    }
    (length > 0).then_some((base, length))
}

/// Reads the rest of a path, with all branches of its groups.
fn read_path(tokens: &[TokenTree], mut path: Module, line: usize, found: &mut Vec<Reference>) {
    let mut at = 0;
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(name)) => path.push(name.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<_> = group.stream().into_iter().collect();
                let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
                for branch in inner.split(is_comma).filter(|branch| !branch.is_empty()) {
                    let line = branch[0].span().start().line;
                    read_path(branch, path.clone(), line, found);
                }
                return;
            }
            _ => break,
        }
        at += 1;
        if !is_separator(&tokens[at..]) {
            break;
        }
        at += 2;
    }
    found.push(Reference { path, line });
}

fn is_ident(token: Option<&TokenTree>, name: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == name)
}

/// `::`
fn is_separator(tokens: &[TokenTree]) -> bool {
    let is_colon =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    matches!(tokens, [first, second, ..] if is_colon(first) && is_colon(second))
}

/// The modules of the core, and where each stands.
fn modules() -> BTreeMap<Module, PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![source.join("core")];
    let mut modules = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let below = path.strip_prefix(&source).unwrap().with_extension("");
            let names = below.iter().map(|name| name.to_str().unwrap().to_owned());
            modules.insert(names.filter(|name| name != "mod").collect(), path);
        }
    }
    modules
}

/// All that the files of the core name: the module, the line and the path.
fn all_references() -> Vec<(Module, Reference)> {
    let all = modules().into_iter().flat_map(|(module, path)| {
        let references = references(&fs::read_to_string(path).unwrap(), &module);
        references.into_iter().map(move |reference| (module.clone(), reference))
    });
    all.collect()
}

/// The place of a room in the order. Panics for a path that names none.
fn height(path: &[String], place: &str) -> usize {
    let room = match path {
        [core, room, ..] if core == "core" => room,
        _ => panic!("{place} names {}: name a room of the core", path.join("::")),
    };
    let height = ROOMS.iter().position(|known| known == room);
    height.unwrap_or_else(|| panic!("{place}: the room {room} has no place in the order"))
}

#[test]
fn the_order_names_every_room() {
    let named: BTreeSet<_> = ROOMS.iter().map(|room| (*room).to_owned()).collect();
    let rooms: BTreeSet<_> =
        modules().into_keys().filter_map(|path| path.into_iter().nth(1)).collect();
    assert_eq!(rooms, named);
}

#[test]
fn no_room_imports_from_one_above_it() {
    for (module, reference) in all_references() {
        if module.len() == 1 {
            continue;
        }
        let place = format!("{}, line {}", module.join("::"), reference.line);
        let (from, to) = (height(&module, &place), height(&reference.path, &place));
        assert!(from >= to, "{place}: {} stands above it", reference.path.join("::"));
    }
}

#[test]
fn no_files_import_one_another() {
    let modules = modules();
    let mut imports: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (module, reference) in all_references() {
        let lengths = (0..=reference.path.len()).rev();
        let named = lengths.map(|length| reference.path[..length].to_vec());
        let target = named.into_iter().find(|path| modules.contains_key(path));
        // The files of a type that is spread over several share its private parts.
        if let Some(target) = target.filter(|target| !module.starts_with(target)) {
            imports.entry(module).or_default().insert(target);
        }
    }
    // Files that import nothing but what is done with are done with.
    let mut left: BTreeSet<_> = modules.into_keys().collect();
    loop {
        let is_blocked = |module: &Module| {
            imports.get(module).is_some_and(|targets| !targets.is_disjoint(&left))
        };
        let blocked: BTreeSet<_> =
            left.iter().filter(|module| is_blocked(module)).cloned().collect();
        if blocked.len() == left.len() {
            break;
        }
        left = blocked;
    }
    let left: Vec<_> = left.iter().map(|module| module.join("::")).collect();
    assert!(left.is_empty(), "these are, or import from, a circle: {left:?}");
}

#[test]
fn the_reader_of_paths_misses_none() {
    let source = r#"
        //! crate::core::not::a::comment
        use crate::core::{error::Error, io::{self, pool::*}};
        use super::outbox::Entry;
        fn f(x: &crate::core::hub::Hub) {
            let _ = "crate::core::not::a::text";
            println!("{:?}", super::super::io::pool::get(x));
        }
        mod tests { use super::super::broadcast::Broadcast; }
    "#;
    let module = ["core", "outgoing", "delivery"].map(str::to_owned);
    let found = references(source, &module);
    let found: Vec<_> = found.iter().map(|found| (found.line, found.path.join("::"))).collect();
    let expected = [
        (3, "core::error::Error"),
        (3, "core::io::self"),
        (3, "core::io::pool"),
        (4, "core::outgoing::outbox::Entry"),
        (5, "core::hub::Hub"),
        (7, "core::io::pool::get"),
        (9, "core::outgoing::broadcast::Broadcast"),
    ];
    assert_eq!(found, expected.map(|(line, path)| (line, path.to_owned())));
}
