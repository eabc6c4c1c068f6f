//! The program: installs what is global to a process, reads the arguments, runs one command.

use std::process::ExitCode;

use clap::Parser;
use goodstanding::commands::{self, CommandLine};

/// Imports and rebuilds make and drop a few small texts per event: a tenth of their time with the
/// system's allocator goes there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    // Fails only when a provider is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    commands::run(command_line).into()
}
