//! A folder for registers that are made only to be measured, and what is said of the machine.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

/// A folder of its own, removed when dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes a new folder inside another.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(inside: &Path) -> Result<Self> {
        let folder = inside.join(format!("registers-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder.canonicalize()?))
    }

    /// The path of something in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The processors, the file system that is measured, and how busy the machine is.
    pub fn machine(&self) -> String {
        let processors = std::thread::available_parallelism().map_or(0, usize::from);
        let system = self.file_system().unwrap_or_else(|| "unknown".to_owned());
        let memory =
            if system == "tmpfs" { " (memory: appends are not durable there)" } else { "" };
        let load = load("at the start");
        format!("Processors: {processors}. File system: {system}{memory}. {load}\n")
    }

    /// The kind of the file system with the longest mount point above the folder.
    fn file_system(&self) -> Option<String> {
        let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
        let place = |line: &str| {
            let mut words = line.split(' ').skip(1).map(str::to_owned);
            Some((words.next()?, words.next()?))
        };
        let above = mounts.lines().filter_map(place).filter(|(at, _)| self.0.starts_with(at));
        above.max_by_key(|(at, _)| at.len()).map(|(_, system)| system)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left behind is in a target folder, where it is in nobody's way.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The load of the last minute, by which a reader can tell a quiet run from a disturbed one.
pub fn load(when: &str) -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown");
    format!("Load of the last minute {when}: {load}.")
}

/// The bytes of memory that nobody uses now, where the system says so.
pub fn free() -> Option<f64> {
    kilobytes(&fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable:").map(|kb| kb * 1024.0)
}

/// The share of this process's memory that lies in large pages, where the system says so.
pub fn large_pages() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/smaps_rollup").ok()?;
    Some(kilobytes(&text, "AnonHugePages:")? / kilobytes(&text, "Rss:")?)
}

/// The bytes of memory that this process had at most, where the system says so.
pub fn memory() -> Option<u64> {
    of_process(std::process::id())
}

/// The bytes of memory that a process had at most, where the system says so.
pub fn of_process(id: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    kilobytes(&text, "VmHWM:").map(|kb| (kb * 1024.0) as u64)
}

/// The seconds of processor that this process took for its own code, where the system says so: in
/// hundredths, as `proc_pid_stat(5)` has them here.
pub fn busy() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program may have blanks in it; what follows it is the third field.
    let (_, rest) = text.rsplit_once(") ")?;
    rest.split(' ').nth(11)?.parse::<f64>().ok().map(|ticks| ticks / 100.0)
}

fn kilobytes(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
