//! The `ringlog` executable.
#![forbid(unsafe_code)]

/// Many small allocations of many sizes, freed on other threads: where the system's allocator is weakest.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    ringlog::main()
}
