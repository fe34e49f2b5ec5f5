/**
 * Sections 6.5 to 6.23: Markus Kuhn's UTF-8 decoder test, one group a section, `+` before a
 * sequence that is valid and `-` before one that is not.
 */

const KOSME = 'cebae1bdb9cf83cebcceb5'
const WHOLE_CHARACTERS = [2, 5, 7, 9, 11]

const prefixes = Array.from(
  { length: 11 },
  (_, i) => (WHOLE_CHARACTERS.includes(i + 1) ? '+' : '-') + KOSME.slice(0, 2 * (i + 1)),
)

const hex = (byte) => byte.toString(16)
const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i)

const lonelyStarts = [
  [0xc0, 0xdf],
  [0xe0, 0xef],
  [0xf0, 0xf7],
  [0xf8, 0xfb],
  [0xfc, 0xfd],
].map(
  ([from, to]) =>
    `-${range(from, to)
      .map((byte) => `${hex(byte)}20`)
      .join('')}`,
)

const INCOMPLETE = 'c0 e080 f08080 f8808080 fc80808080 df efbf f7bfbf fbbfbfbf fdbfbfbfbf'.split(
  ' ',
)

const nonCharacters = ['f0', 'f1', 'f2', 'f3', 'f4'].flatMap((first) =>
  ['8f', '9f', 'af', 'bf']
    .filter((second) => (first === 'f4' ? second === '8f' : first !== 'f0' || second !== '8f'))
    .flatMap((second) => [`+${first}${second}bfbe`, `+${first}${second}bfbf`]),
)

/** @type {[string, string[]][]} */
export default [
  [
    'valid sequences',
    [
      '+68656c6c6f24776f726c64',
      '+68656c6c6fc2a2776f726c64',
      '+68656c6c6fe282ac776f726c64',
      '+68656c6c6ff0a4ada2776f726c64',
      `+${KOSME}`,
    ],
  ],
  ['all prefixes of a valid string', prefixes],
  ['first sequence of a length', ['+00', '+c280', '+e0a080', '+f0908080']],
  ['first sequence of 5 and 6 bytes', ['-f888808080', '-fc8480808080']],
  ['last sequence of a length', ['+7f', '+dfbf', '+efbfbf', '+f48fbfbf']],
  ['last sequence of 4, 5 and 6 bytes', ['-f7bfbfbf', '-fbbfbfbfbf', '-fdbfbfbfbfbf']],
  ['other boundaries', ['+ed9fbf', '+ee8080', '+efbfbd', '+f48fbfbf', '-f4908080']],
  [
    'unexpected continuation bytes',
    [
      ...['-80', '-bf', '-80bf', '-80bf80', '-80bf80bf', '-80bf80bf80', '-80bf80bf80bf'],
      `-${range(0x80, 0xbf).map(hex).join('')}`,
    ],
  ],
  ['lonely start characters', lonelyStarts],
  ['last continuation byte missing', INCOMPLETE.map((sequence) => `-${sequence}`)],
  ['incomplete sequences in a row', [`-${INCOMPLETE.join('')}`]],
  ['impossible bytes', ['-fe', '-ff', '-fefeffff']],
  ['overlong ASCII', ['-c0af', '-e080af', '-f08080af', '-f8808080af', '-fc80808080af']],
  ['maximum overlong', ['-c1bf', '-e09fbf', '-f08fbfbf', '-f887bfbfbf', '-fc83bfbfbfbf']],
  ['overlong NUL', ['-c080', '-e08080', '-f0808080', '-f880808080', '-fc8080808080']],
  [
    'single surrogates',
    ['-eda080', '-edadbf', '-edae80', '-edafbf', '-edb080', '-edbe80', '-edbfbf'],
  ],
  [
    'paired surrogates',
    ['eda080', 'edadbf', 'edae80', 'edafbf'].flatMap((high) => [
      `-${high}edb080`,
      `-${high}edbfbf`,
    ]),
  ],
  ['non-characters', ['+efbfbe', '+efbfbf', ...nonCharacters]],
  ['specials', ['b9', 'ba', 'bb', 'bc', 'bd', 'be', 'bf'].map((byte) => `+efbf${byte}`)],
]
