//! Writes the seeds into `corpus/` and ends. It is built like a target so that the project is
//! compiled once and not twice.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: {
        bailiwick_fuzz::write_seeds().expect("the seeds are written");
        std::process::exit(0);
    },
    |_data: &[u8]| {}
);
