//! The program: installs what is global to a process, reads the arguments, runs one command.

use std::process::ExitCode;

use clap::Parser;
use goodstanding::commands::{self, CommandLine};
use tracing_subscriber::EnvFilter;

/// Imports and rebuilds make and drop a few small texts per event: a tenth of their time with the
/// system's allocator goes there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    // Standard error only: standard output belongs to the result. Queries are never logged (P9).
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_env("GOODSTANDING_LOG").unwrap_or_else(|_| EnvFilter::new("warn")),
        )
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
    // Fails only when a provider is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    commands::run(command_line).into()
}
