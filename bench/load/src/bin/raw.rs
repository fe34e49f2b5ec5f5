//! The raw limit as a server: `raw THREADS`.

use bench_load::raw;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

fn main() -> std::io::Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    let threads = std::env::args().nth(1).and_then(|threads| threads.parse().ok());
    raw::serve(threads.unwrap_or(1))
}
