//! Timing: several ways of work in turn, round after round, and what to say of their times.
//!
//! The ways take turns (A, B, C, A, B, C …), so that a machine that grows slower or faster does so
//! for all of them, and ratios of medians can be compared.

use std::time::{Duration, Instant};

use crate::Result;

/// One piece of work that was timed.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// How long it took.
    pub took: Duration,
    /// How many units of work were done.
    pub units: u64,
}

/// Times one piece of work of so many units.
///
/// # Errors
/// As the work.
pub fn timed<T>(units: usize, work: impl FnOnce() -> Result<T>) -> Result<Sample> {
    let start = Instant::now();
    let done = std::hint::black_box(work()?);
    let took = start.elapsed();
    drop(done);
    Ok(Sample { took, units: units as u64 })
}

/// A way of doing work that takes turns with others.
pub struct Lane<'a>(Box<dyn FnMut() -> Result<Sample> + 'a>);

impl<'a> Lane<'a> {
    /// A lane from what does a round's share and times it.
    pub fn new(work: impl FnMut() -> Result<Sample> + 'a) -> Self {
        Self(Box::new(work))
    }
}

/// Seconds for one unit of work, in each round.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<f64>);

impl Times {
    /// The time of one unit: `12.3 µs (11.9–13.0)`.
    pub fn each(&self) -> String {
        let (scale, unit) = match self.median() {
            s if s < 1e-3 => (1e6, "µs"),
            s if s < 1.0 => (1e3, "ms"),
            _ => (1.0, "s"),
        };
        let (median, rest) = spread(self.0.iter().map(|s| s * scale));
        format!("{median} {unit} ({rest})")
    }

    /// How many units a second: `123 (120–125)`.
    pub fn rate(&self) -> String {
        let (median, rest) = spread(self.0.iter().map(|s| 1.0 / s));
        format!("{median} ({rest})")
    }

    /// How many times as long this takes as another, round by round: `2.10 (2.05–2.20)`. Of two
    /// that were timed one after the other, what disturbed one will have disturbed the other.
    pub fn times(&self, other: &Self) -> String {
        let (median, rest) = spread(self.0.iter().zip(&other.0).map(|(s, other)| s / other));
        format!("{median} ({rest})")
    }

    /// The middle of all rounds, in seconds.
    pub fn median(&self) -> f64 {
        at(&sorted(self.0.iter().copied()), 0.5)
    }

    /// As if a unit were so many times what it is.
    pub fn scaled(&self, by: f64) -> Self {
        Self(self.0.iter().map(|s| s * by).collect())
    }
}

/// The median, and the tenths below and above which a tenth of the rounds lie.
fn spread(numbers: impl Iterator<Item = f64>) -> (String, String) {
    let sorted = sorted(numbers);
    let [p10, median, p90] = [0.1, 0.5, 0.9].map(|share| figure(at(&sorted, share)));
    (median, format!("{p10}–{p90}"))
}

fn sorted(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers
}

fn at(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}

/// Lets the lanes take turns, after rounds that are not counted; `what` goes to standard error.
///
/// # Errors
/// As the first lane that fails.
pub fn interleave(
    what: &str,
    warmup: usize,
    rounds: usize,
    lanes: &mut [Lane<'_>],
) -> Result<Vec<Times>> {
    let mut all = vec![Times::default(); lanes.len()];
    for round in 0..warmup + rounds {
        eprint!("\r{what}: round {} of {}", round + 1, warmup + rounds);
        for (lane, times) in lanes.iter_mut().zip(&mut all) {
            let sample = lane.0()?;
            if round >= warmup {
                times.0.push(sample.took.as_secs_f64() / sample.units.max(1) as f64);
            }
        }
    }
    eprintln!();
    Ok(all)
}

/// A number with three digits that count, and a comma between thousands.
pub fn figure(number: f64) -> String {
    match number {
        n if n >= 100.0 => thousands(n.round() as u64),
        n if n >= 10.0 => format!("{n:.1}"),
        n if n >= 1.0 => format!("{n:.2}"),
        n => format!("{n:.3}"),
    }
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown = [0.1234, 1.234, 12.34, 123.4, 1_234_567.0].map(figure);
        assert_eq!(shown, ["0.123", "1.23", "12.3", "123", "1,234,567"]);
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        // The second round was disturbed, for both alike.
        let (slow, fast) = (Times(vec![4.0, 40.0, 4.0]), Times(vec![2.0, 20.0, 2.0]));
        assert_eq!(slow.times(&fast), "2.00 (2.00–2.00)");
        assert_eq!(fast.rate(), "0.500 (0.050–0.500)");
        assert_eq!(fast.each(), "2.00 s (2.00–20.0)");
    }
}
