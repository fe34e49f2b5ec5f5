//! The clients, driven through standard input and output.

use bench_load::crowd::Crowd;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

fn main() -> std::io::Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    Crowd::new()?.run()
}
