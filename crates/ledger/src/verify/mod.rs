//! Checking a log from outside; being written.
