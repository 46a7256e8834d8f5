//! Writes the seeds into `corpus/` and ends. It is built like a target so that the project is
//! compiled once and not twice.
#![no_main]

libfuzzer_sys::fuzz_target!(init: write_and_end(), |_data: &[u8]| {});

fn write_and_end() {
    bailiwick_fuzz::write_seeds().expect("the seeds are written");
    std::process::exit(0);
}
