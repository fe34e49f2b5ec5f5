import { encode, OPCODE } from '../../support/frame.mjs'

const OPEN = { open: true }

/** What follows every payload: a message that is answered, if the connection still lives. */
const AFTER = encode({
  opcode: OPCODE.text,
  payload: '{"type":"custom","event":"hostile:echo","data":"after"}',
})

const sent = (name, payload, opcode = OPCODE.text) => ({
  id: `payload/${name}`,
  steps: [OPEN, encode({ opcode, payload }), AFTER],
})

const echo = (data) => `{"type":"custom","event":"hostile:echo","data":${data}}`
const nested = (open, shut, depth, core = '1') => open.repeat(depth) + core + shut.repeat(depth)

const SHAPES = {
  empty: '',
  space: ' ',
  null: 'null',
  true: 'true',
  number: '1',
  'number-huge': '1e999',
  string: '"custom"',
  array: '[]',
  'array-of-messages': `[${echo(1)}]`,
  object: '{}',
  'not-json': 'hello',
  'json-cut': '{"type":"custom","event":"hostile:echo","data":',
  'json-trailing': `${echo(1)}x`,
  'json-twice': echo(1) + echo(2),
  'json-lines': `${echo(1)}\n${echo(2)}`,
  'json-comment': `/* */${echo(1)}`,
  'json-single-quotes': "{'type':'custom','event':'hostile:echo'}",
  'json-trailing-comma': '{"type":"custom","event":"hostile:echo","data":1,}',
  nan: echo('NaN'),
  infinity: echo('-Infinity'),
  undefined: echo('undefined'),
  'number-leading-zero': echo('01'),
  'number-hex': echo('0x10'),
  'number-plus': echo('+1'),
  'number-dot': echo('1.'),
  'number-minus-zero': echo('-0'),
  'number-precise': echo('9007199254740993'),
  'number-exponent': echo('1e400'),
  'number-long': echo('1'.repeat(5000)),
  bom: `\ufeff${echo(1)}`,
  'whitespace-around': `\r\n\t ${echo(1)}\t\r\n `,
  'whitespace-unicode': `\u00a0${echo(1)}`,
  'control-raw': echo('"a\u0001b"'),
  'newline-raw': echo('"a\nb"'),
  nul: `${echo(1)}\0`,
  'nul-escaped': echo('"\\u0000"'),
  'surrogate-escaped': echo('"\\ud800"'),
  'surrogate-low-escaped': echo('"\\udc00\\ud800"'),
  'surrogate-pair-escaped': echo('"\\ud83d\\ude00"'),
  'escape-bad': echo('"\\x41"'),
  'escape-cut': echo('"\\u12"'),
  'separator-2028': echo('"\u2028\u2029"'),
}

const MEMBERS = {
  'type-missing': '{"event":"hostile:echo","data":1}',
  'type-null': '{"type":null,"event":"hostile:echo","data":1}',
  'type-number': '{"type":1,"event":"hostile:echo","data":1}',
  'type-array': '{"type":["custom"],"event":"hostile:echo","data":1}',
  'type-object': '{"type":{"toString":"custom"},"event":"hostile:echo","data":1}',
  'type-upper': '{"type":"CUSTOM","event":"hostile:echo","data":1}',
  'type-padded': '{"type":"custom ","event":"hostile:echo","data":1}',
  'type-other': '{"type":"update","updates":[]}',
  'type-full-reload': '{"type":"full-reload"}',
  'type-connected': '{"type":"connected"}',
  'type-error': '{"type":"error","err":{"message":"x","stack":"y"}}',
  'type-ping': '{"type":"ping"}',
  'type-escaped': '{"type":"\\u0063ustom","event":"hostile:echo","data":1}',
  'key-escaped': '{"\\u0074ype":"custom","event":"hostile:echo","data":1}',
  'event-missing': '{"type":"custom","data":1}',
  'event-null': '{"type":"custom","event":null,"data":1}',
  'event-false': '{"type":"custom","event":false,"data":1}',
  'event-zero': '{"type":"custom","event":0,"data":1}',
  'event-empty': '{"type":"custom","event":"","data":1}',
  'event-number': '{"type":"custom","event":5,"data":1}',
  'event-number-as-string': '{"type":"custom","event":"5","data":1}',
  'event-array': '{"type":"custom","event":["hostile:echo"],"data":1}',
  'event-object': '{"type":"custom","event":{},"data":1}',
  'event-true': '{"type":"custom","event":true,"data":1}',
  'event-escaped': '{"type":"custom","event":"hostile\\u003aecho","data":1}',
  'event-nul': '{"type":"custom","event":"hostile:echo\\u0000","data":1}',
  'event-surrogate': '{"type":"custom","event":"hostile:echo\\ud800","data":1}',
  'event-proto': '{"type":"custom","event":"__proto__","data":1}',
  'event-constructor': '{"type":"custom","event":"constructor","data":1}',
  'event-to-string': '{"type":"custom","event":"toString","data":1}',
  'event-has-own': '{"type":"custom","event":"hasOwnProperty","data":1}',
  'event-connection': '{"type":"custom","event":"connection","data":1}',
  'event-error': '{"type":"custom","event":"error","data":1}',
  'event-close': '{"type":"custom","event":"close","data":1}',
  'event-message': '{"type":"custom","event":"message","data":1}',
  'event-headers': '{"type":"custom","event":"headers","data":1}',
  'event-huge': `{"type":"custom","event":"${'e'.repeat(1024 * 1024)}","data":1}`,
  'data-missing': '{"type":"custom","event":"hostile:echo"}',
  'data-null': echo('null'),
  'data-string': echo('"text"'),
  'data-proto': echo('{"__proto__":{"polluted":true}}'),
  'data-constructor': echo('{"constructor":{"prototype":{"polluted":true}}}'),
  'data-to-json': echo('{"toJSON":"x","toString":null,"valueOf":1}'),
  'data-then': echo('{"then":"x"}'),
  'data-length': echo('{"length":4294967296}'),
  'data-numeric-keys': echo('{"b":1,"2":1,"a":1,"1":1}'),
  'message-proto': `{"__proto__":{"type":"custom"},"event":"hostile:echo","data":1}`,
  'message-proto-extra': `{"type":"custom","event":"hostile:echo","__proto__":{"data":2}}`,
  'duplicate-type': '{"type":"ping","type":"custom","event":"hostile:echo","data":1}',
  'duplicate-type-last': '{"type":"custom","type":"ping","event":"hostile:echo","data":1}',
  'duplicate-event': '{"type":"custom","event":"none","event":"hostile:echo","data":1}',
  'duplicate-event-last': '{"type":"custom","event":"hostile:echo","event":"none","data":1}',
  'duplicate-data': '{"type":"custom","event":"hostile:echo","data":1,"data":2}',
  'duplicate-event-null': '{"type":"custom","event":"hostile:echo","event":null,"data":1}',
  'duplicate-nested': echo('{"a":1,"a":2}'),
  'keys-many': `{${Array.from({ length: 5000 }, (_, i) => `"k${i}":${i}`)},${echo(1).slice(1)}`,
  'unknown-members': '{"type":"custom","event":"hostile:echo","data":1,"extra":[[[]]]}',
  'event-last': '{"data":1,"extra":{"type":"ping"},"event":"hostile:echo","type":"custom"}',
}

const DEPTHS = [100, 127, 128, 129, 500, 5_000]

const deep = DEPTHS.flatMap((depth) => [
  sent(`deep-array-${depth}`, echo(nested('[', ']', depth))),
  sent(`deep-object-${depth}`, echo(nested('{"a":', '}', depth))),
])

const large = [
  sent('deep-array-open-100000', '['.repeat(100_000)),
  sent('deep-object-open-100000', '{"a":'.repeat(100_000)),
  sent('deep-in-unknown-member', `{"x":${nested('[', ']', 2000)},${echo(1).slice(1)}`),
  sent('string-1-mib', echo(`"${'x'.repeat(1024 * 1024)}"`)),
  sent('string-8-mib', echo(`"${'x'.repeat(8 * 1024 * 1024)}"`)),
  sent('escapes-1-mib', echo(`"${'\\u0041'.repeat(170_000)}"`)),
  sent('spaces-4-mib', ' '.repeat(4 * 1024 * 1024) + echo(1)),
  sent('junk-8-mib', 'x'.repeat(8 * 1024 * 1024)),
  sent('array-100000', echo(`[${'0,'.repeat(99_999)}0]`)),
]

const asBinary = [
  sent('binary-empty', '', OPCODE.binary),
  sent('binary-json', echo(1), OPCODE.binary),
  sent('binary-bom', `\ufeff${echo(1)}`, OPCODE.binary),
  sent('binary-junk', Buffer.alloc(1000, 0x9c), OPCODE.binary),
  sent('binary-utf16', Buffer.from(echo(1), 'utf16le'), OPCODE.binary),
  sent('binary-nul', Buffer.alloc(1000), OPCODE.binary),
]

const each = (group) => Object.entries(group).map(([name, payload]) => sent(name, payload))

export default [...each(SHAPES), ...each(MEMBERS), ...deep, ...large, ...asBinary]
