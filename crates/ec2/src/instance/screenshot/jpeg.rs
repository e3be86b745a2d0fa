//! A grey picture as a JPEG: baseline, one component, tables of its own. Pure arithmetic after ITU-T T.81; the libraries that write JPEGs are many times
//! larger than what a console needs.
//!
//! Huffman codes are as simple as the format admits: all of one length. A screen full of text is some tens of kilobytes.

use std::f32::consts::{FRAC_1_SQRT_2, PI};

/// Where in a block the coefficients stand that are written one after the other.
const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];
/// Every coefficient is divided by this.
const STEP: u8 = 12;
/// Sizes of differences of DC coefficients: codes of four bits, by their number.
const DC: std::ops::RangeInclusive<u8> = 0..=11;

/// Run and size of AC coefficients, in the order of their codes of eight bits: end of block, sixteen zeros, then every run with every size.
fn ac_symbols() -> Vec<u8> {
    let runs = (0..=15_u8).flat_map(|run| (1..=10_u8).map(move |size| (run << 4) | size));
    [0x00, 0xf0].into_iter().chain(runs).collect()
}

/// A picture of `width` by `height`, both multiples of eight; `luma` row by row.
pub fn encode(width: u16, height: u16, luma: &[u8]) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    segment(&mut out, 0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    segment(&mut out, 0xdb, &[&[0_u8][..], &[STEP; 64]].concat());
    let ([h1, h0], [w1, w0]) = (height.to_be_bytes(), width.to_be_bytes());
    segment(&mut out, 0xc0, &[8, h1, h0, w1, w0, 1, 1, 0x11, 0]);
    segment(&mut out, 0xc4, &huffman(0x00, 4, &DC.collect::<Vec<u8>>()));
    let symbols = ac_symbols();
    segment(&mut out, 0xc4, &huffman(0x10, 8, &symbols));
    segment(&mut out, 0xda, &[1, 1, 0x00, 0, 63, 0]);
    let mut bits = Bits::default();
    let mut before = 0;
    for block in blocks(width, height, luma) {
        before = write(&mut bits, &coefficients(&block), before, &symbols);
    }
    out.extend(bits.finish());
    out.extend([0xff, 0xd9]);
    out
}

fn segment(out: &mut Vec<u8>, marker: u8, content: &[u8]) {
    let length = u16::try_from(content.len() + 2).unwrap_or(u16::MAX);
    out.extend([0xff, marker]);
    out.extend(length.to_be_bytes());
    out.extend(content);
}

/// A table whose codes all have that many bits.
fn huffman(class: u8, length: usize, symbols: &[u8]) -> Vec<u8> {
    let count = |bits: usize| if bits == length { u8::try_from(symbols.len()).unwrap_or(0) } else { 0 };
    std::iter::once(class).chain((1..=16).map(count)).chain(symbols.iter().copied()).collect()
}

/// Eight by eight pixels each, row by row.
fn blocks(width: u16, height: u16, luma: &[u8]) -> impl Iterator<Item = [f32; 64]> + use<'_> {
    let (width, height) = (usize::from(width), usize::from(height));
    let at = (0..height / 8).flat_map(move |y| (0..width / 8).map(move |x| (x * 8, y * 8)));
    at.map(move |(x, y)| {
        std::array::from_fn(|place| {
            let pixel = luma.get((y + place / 8) * width + x + place % 8).copied().unwrap_or_default();
            f32::from(pixel) - 128.0
        })
    })
}

/// The cosine transform of a block, divided by the step, in the order of writing.
fn coefficients(block: &[f32; 64]) -> [i32; 64] {
    let rows = transformed(block);
    let both = transformed(&rows);
    ZIGZAG.map(|place| {
        let value = both.get(place).copied().unwrap_or_default() / f32::from(STEP);
        // A coefficient has at most eleven bits.
        #[expect(clippy::cast_possible_truncation, reason = "it is clamped")]
        let whole = value.round().clamp(-1023.0, 1023.0) as i32;
        whole
    })
}

/// The transform of each row, written as a column: twice makes both directions, and stands upright again.
fn transformed(block: &[f32; 64]) -> [f32; 64] {
    std::array::from_fn(|place| {
        let (frequency, row) = (place / 8, place % 8);
        let scale = if frequency == 0 { FRAC_1_SQRT_2 } else { 1.0 } / 2.0;
        let row = block.iter().skip(row * 8).take(8).zip(COSINES.iter().skip(frequency * 8));
        row.map(|(pixel, cosine)| pixel * cosine).sum::<f32>() * scale
    })
}

/// `cos((2x + 1) u π / 16)`, by u and x.
static COSINES: std::sync::LazyLock<[f32; 64]> = std::sync::LazyLock::new(|| {
    std::array::from_fn(|place| {
        let (frequency, x) = (place / 8, place % 8);
        let angle = u16::try_from((2 * x + 1) * frequency).unwrap_or(0);
        (f32::from(angle) * PI / 16.0).cos()
    })
});

/// Writes a block; answers its DC coefficient, from which the next one's is told.
fn write(bits: &mut Bits, block: &[i32; 64], before: i32, symbols: &[u8]) -> i32 {
    let (dc, rest) = block.split_first().map_or((0, &[][..]), |(dc, rest)| (*dc, rest));
    let size = size_of(dc - before);
    bits.push(u32::from(size), 4);
    value(bits, dc - before, size);
    let code = |symbol: u8| symbols.iter().position(|it| *it == symbol).and_then(|at| u32::try_from(at).ok());
    let mut run = 0_u8;
    for coefficient in rest {
        if *coefficient == 0 {
            run += 1;
            continue;
        }
        while run > 15 {
            bits.push(code(0xf0).unwrap_or(0), 8);
            run -= 16;
        }
        let size = size_of(*coefficient);
        bits.push(code((run << 4) | size).unwrap_or(0), 8);
        value(bits, *coefficient, size);
        run = 0;
    }
    if run > 0 {
        bits.push(0, 8);
    }
    dc
}

/// How many bits a value needs.
fn size_of(value: i32) -> u8 {
    u8::try_from(32 - value.unsigned_abs().leading_zeros()).unwrap_or(0)
}

/// A negative value stands for what is missing to the largest of its size.
fn value(bits: &mut Bits, value: i32, size: u8) {
    let shown = if value < 0 { value + (1 << size) - 1 } else { value };
    bits.push(shown.unsigned_abs(), size);
}

/// Bits in a row. A byte of ones is followed by one of zeros, so that it is no marker.
#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    held: u32,
    count: u8,
}

impl Bits {
    fn push(&mut self, value: u32, count: u8) {
        for position in (0..count).rev() {
            self.held = (self.held << 1) | ((value >> position) & 1);
            self.count += 1;
            if self.count == 8 {
                let [.., byte] = self.held.to_be_bytes();
                self.out.push(byte);
                if byte == 0xff {
                    self.out.push(0);
                }
                (self.held, self.count) = (0, 0);
            }
        }
    }

    /// What is begun is filled with ones.
    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.push(u32::MAX, 8 - self.count);
        }
        self.out
    }
}
