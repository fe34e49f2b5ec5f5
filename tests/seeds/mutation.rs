//! Inputs that resemble the seeds; the same ones in every run.

/// Values at which lengths, opcodes and texts change their meaning.
const TELLING: [u8; 16] =
    [0, 1, 4, b'"', b'\\', b'{', b'}', 0x7d, 0x7e, 0x7f, 0x80, 0x81, 0x88, 0xfe, 0xff, b'='];

/// Longest input.
const MAX_BYTES: usize = 4096;

pub struct Mutator {
    seeds: Vec<Vec<u8>>,
    state: u64,
}

impl Mutator {
    pub fn new(seeds: Vec<Vec<u8>>) -> Self {
        Self { seeds, state: 0x9e37_79b9_7f4a_7c15 }
    }

    /// A number below `bound` (xorshift64).
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % bound.max(1) as u64) as usize
    }

    /// A range within `0..length`, most often a short one.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let widest = if self.below(4) == 0 { length } else { 8 };
        start..start + self.below(widest.min(length - start) + 1)
    }

    pub fn next_input(&mut self) -> Vec<u8> {
        let choice = self.below(self.seeds.len());
        let mut input = self.seeds[choice].clone();
        for _ in 0..=self.below(6) {
            self.mutate(&mut input);
        }
        input.truncate(MAX_BYTES);
        input
    }

    fn mutate(&mut self, input: &mut Vec<u8>) {
        let place = self.below(input.len());
        match (self.below(7), input.get(place).copied()) {
            (0, Some(byte)) => input[place] = byte ^ 1 << self.below(8),
            (1, Some(_)) => input[place] = TELLING[self.below(TELLING.len())],
            (2, Some(_)) => input[place] = self.below(256) as u8,
            (3, _) => input.insert(place, TELLING[self.below(TELLING.len())]),
            (4, _) => drop(input.drain(self.range(input.len()))),
            (5, _) => {
                let again = input[self.range(input.len())].to_vec();
                input.splice(place..place, again);
            }
            _ => {
                let other = self.below(self.seeds.len());
                let range = self.range(self.seeds[other].len());
                let part = self.seeds[other][range].to_vec();
                input.splice(place..place, part);
            }
        }
    }
}
