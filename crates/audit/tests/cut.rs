//! Bytes cut 512 at a time, against a reader that goes from byte to byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use audit::log::blocks::{Blocks, Cells, Next};
use proptest::prelude::*;

/// A record, or a line that is none: its line and row, and its cells or what is wrong.
type Piece = (u64, u64, Result<Vec<Vec<u8>>, &'static str>);

const NUL: &str = "the line has a NUL byte; is the file really text?";
const RETURN: &str = "a carriage return stands on its own in the line";
const QUOTE: &str = "a quote stands in the middle of a cell; cells with quotes double them";
const OPEN: &str = "the file ends inside quotes opened in this record; was it cut off?";

/// Reads one record from the start of some bytes: its length and its cells.
fn record(bytes: &[u8]) -> Result<(usize, Vec<Vec<u8>>), &'static str> {
    let (mut cells, mut start, mut inside) = (Vec::new(), 0, false);
    let mut closed = false;
    for (at, byte) in bytes.iter().enumerate() {
        let after_return = !inside && at > 0 && bytes[at - 1] == b'\r';
        match byte {
            0 => return Err(NUL),
            b'"' if inside => (inside, closed) = (false, true),
            _ if inside => {}
            _ if after_return && *byte != b'\n' => return Err(RETURN),
            b'"' if closed || at == start => (inside, closed) = (true, false),
            b'"' => return Err(QUOTE),
            b',' | b'\n' => {
                let last = *byte == b'\n';
                let end = if last && at > start && after_return { at - 1 } else { at };
                cells.push(bytes[start..end].to_vec());
                (start, closed) = (at + 1, false);
                if last {
                    return Ok((at + 1, cells));
                }
            }
            b'\r' => closed = false,
            _ if closed => return Err(QUOTE),
            _ => {}
        }
    }
    if inside {
        return Err(OPEN);
    }
    let end =
        if bytes.len() > start && bytes.ends_with(b"\r") { bytes.len() - 1 } else { bytes.len() };
    cells.push(bytes[start..end].to_vec());
    Ok((bytes.len(), cells))
}

fn plain(mut bytes: &[u8]) -> Vec<Piece> {
    let (mut line, mut row, mut all) = (1, 1, Vec::new());
    // Whether a line was just told that ends within quotes: the next that is none is its rest.
    let mut open = false;
    while !bytes.is_empty() {
        let length = match record(bytes) {
            Ok((length, cells)) => {
                all.push((line, row, Ok(cells)));
                (row, open) = (row + 1, false);
                length
            }
            Err(why) => {
                if !open {
                    all.push((line, row, Err(why)));
                    row += 1;
                }
                let end = bytes.iter().position(|byte| *byte == b'\n');
                let length = end.map_or(bytes.len(), |at| at + 1);
                let quotes = bytes[..length].iter().filter(|byte| **byte == b'"').count();
                open ^= quotes % 2 == 1;
                length
            }
        };
        line += bytes[..length].iter().filter(|byte| **byte == b'\n').count() as u64;
        bytes = &bytes[length..];
    }
    all
}

fn ours(bytes: &[u8]) -> Vec<Piece> {
    let mut blocks = Blocks::unhashed(bytes).unwrap();
    let (mut cells, mut all) = (Cells::default(), Vec::new());
    loop {
        match blocks.pull().unwrap() {
            Next::Block(block) => {
                cells.cut(&block);
                for (at, cut) in cells.records().enumerate() {
                    let cell = |at| cut.cell(&block.bytes, at).unwrap().raw(&block.bytes).to_vec();
                    let line = block.line + u64::from(cut.lines);
                    all.push((
                        line,
                        block.row + at as u64,
                        Ok((0..cut.count()).map(cell).collect()),
                    ));
                }
            }
            Next::Bad { line, row, why } => all.push((line, row, Err(why))),
            Next::End => return all,
        }
    }
}

/// Bytes that make up tables, good and bad ones.
fn parts() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        4 => "[a-c]{0,9}",
        4 => Just(",".to_owned()),
        4 => Just("\n".to_owned()),
        2 => Just("\r\n".to_owned()),
        4 => "\"[a-c,\n\r]{0,9}\"",
        2 => Just("\"\"".to_owned()),
        1 => "[\",\n\r\u{0}é]",
        1 => "[a-c,]{60,70}",
        1 => ",{15,70}",
    ];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat().into_bytes())
}

/// Where bytes are looked at anew: words, groups, runs, and what is read at a time.
const EDGES: [usize; 5] = [64, 512, 16_384, 32_768, 1 << 18];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn as_byte_by_byte(parts in parts(), edge in 0..EDGES.len(), before in 0_usize..150) {
        // Good records come first, up to some bytes before an edge.
        let mut bytes = b"ab,\"c\nd\",\r\n".repeat(EDGES[edge] / 11);
        bytes.truncate(bytes.len() - (before / 11 * 11).min(bytes.len()));
        bytes.extend(std::iter::repeat_n(b'x', before % 11));
        bytes.extend(parts);
        prop_assert_eq!(ours(&bytes), plain(&bytes));
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert_eq!(ours(&bytes), plain(&bytes));
    }
}
