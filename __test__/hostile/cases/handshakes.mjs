import { KEY } from '../../support/handshake.mjs'
import { request } from '../request.mjs'

const one = (name, headers, more) => ({
  id: `handshake/${name}`,
  steps: [request({ headers })],
  ...more,
})

/** Each value in turn for one header. */
const each = (prefix, header, values) =>
  Object.entries(values).map(([name, value]) => one(`${prefix}-${name}`, { [header]: value }))

const upgrade = each('upgrade', 'Upgrade', {
  missing: null,
  empty: '',
  other: 'h2c',
  upper: 'WEBSOCKET',
  mixed: 'WebSocket',
  list: 'websocket, h2c',
  'list-second': 'h2c, websocket',
  twice: ['websocket', 'websocket'],
  versioned: 'websocket/13',
  padded: '  websocket\t ',
  kelvin: 'webso\xe2\x84\xaaet',
})

const connection = each('connection', 'Connection', {
  missing: null,
  empty: '',
  close: 'close',
  'keep-alive': 'keep-alive',
  list: 'keep-alive, Upgrade',
  lower: 'upgrade',
  'upgrade-close': 'Upgrade, close',
  twice: ['keep-alive', 'Upgrade'],
})

const key = each('key', 'Sec-WebSocket-Key', {
  missing: null,
  empty: '',
  short: 'dGhlIHNhbXBsZQ==',
  long: `${KEY}AAAA`,
  'not-base64': '!!!!!!!!!!!!!!!!!!!!!!==',
  'no-padding': KEY.slice(0, -2),
  'one-pad': `${KEY.slice(0, -2)}A=`,
  'loose-bits': 'dGhlIHNhbXBsZSBub25jZR==',
  'url-alphabet': 'dGhlIHNhbXBsZSBub25j_-==',
  twice: [KEY, KEY],
  'twice-different': [KEY, 'AAAAAAAAAAAAAAAAAAAAAA=='],
  list: `${KEY}, ${KEY}`,
  padded: `   ${KEY}   `,
  quoted: `"${KEY}"`,
  'high-bytes':
    '\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7\xf6\xf5\xf4\xf3\xf2\xf1\xf0\xef\xee\xed\xec\xeb\xea==',
  huge: 'A'.repeat(4096),
})

const version = each('version', 'Sec-WebSocket-Version', {
  missing: null,
  empty: '',
  7: '7',
  8: '8',
  12: '12',
  14: '14',
  zero: '0',
  negative: '-13',
  float: '13.0',
  fraction: '13.5',
  hex: '0x0d',
  exponent: '1.3e1',
  octal: '013',
  plus: '+13',
  words: 'thirteen',
  list: '13, 8',
  twice: ['13', '13'],
  'twice-different': ['8', '13'],
  padded: ' 13 ',
  infinity: 'Infinity',
  huge: '9'.repeat(400),
})

const protocol = each('protocol', 'Sec-WebSocket-Protocol', {
  missing: null,
  empty: '',
  other: 'chat',
  upper: 'VITE-HMR',
  list: 'vite-hmr, chat',
  'list-second': 'chat, vite-hmr',
  twice: ['vite-hmr', 'vite-hmr'],
  'twice-different': ['vite-hmr', 'chat'],
  'ping-and-hmr': 'vite-ping, vite-hmr',
  ping: 'vite-ping',
  'trailing-comma': 'vite-hmr,',
  'leading-comma': ',vite-hmr',
  quoted: '"vite-hmr"',
  space: 'vite hmr',
  padded: '  vite-hmr  ',
  'high-bytes': 'vite-hmr\xff',
  'header-injection-percent': 'vite-hmr%0d%0aX-Injected: 1',
})

const extensions = each('extensions', 'Sec-WebSocket-Extensions', {
  deflate: 'permessage-deflate',
  'deflate-params': 'permessage-deflate; client_max_window_bits=99',
  'deflate-twice': ['permessage-deflate', 'permessage-deflate'],
  unknown: 'x-webkit-deflate-frame',
  broken: ';;;=,,,"',
  unterminated: 'permessage-deflate; a="b',
  empty: '',
  huge: 'a;'.repeat(3000),
})

const sizes = [
  one('headers-8-kib', { 'X-Padding': 'x'.repeat(8 * 1024) }),
  one('headers-15-kib', { 'X-Padding': 'x'.repeat(15 * 1024) }),
  one('headers-17-kib', { 'X-Padding': 'x'.repeat(17 * 1024) }),
  one('headers-1-mib', { 'X-Padding': 'x'.repeat(1024 * 1024) }),
  one('headers-1000', Object.fromEntries(numbered(1000))),
  one('headers-2500', Object.fromEntries(numbered(2500))),
  one('header-name-4-kib', { ['X'.repeat(4096)]: 'x' }),
]

function numbered(count) {
  return Array.from({ length: count }, (_, i) => [`X${i}`, ''])
}

const odd = [
  one('name-proto', { ['__proto__']: '1', constructor: '1', hasOwnProperty: '1' }),
  one('value-obs-text', { 'X-Text': '\xff\x80\xfe' }),
  one('value-tab', { 'X-Text': 'a\tb' }),
  one('value-nul', { 'X-Text': 'a\0b' }),
  one('value-cr', { 'X-Text': 'a\rb' }),
  one('value-escape', { 'X-Text': '\x1b[2J' }),
  one('name-space', { 'X Text': 'a' }),
  one('name-space-before-colon', { 'X-Text ': 'a' }),
  one('name-empty', { '': 'a' }),
  one('name-nul', { 'X\0Text': 'a' }),
  one('obsolete-folding', { 'X-Text': 'a\r\n folded' }),
  one('smuggled-length', { 'Content-Length': '0', 'Transfer-Encoding': 'chunked' }),
  one('length-twice', { 'Content-Length': ['0', '0'] }),
  one('length-negative', { 'Content-Length': '-1' }),
  one('length-words', { 'Content-Length': 'ten' }),
  one('expect-continue', { Expect: '100-continue' }),
  one('expect-other', { Expect: '200-ok' }),
  one('http2-settings', { 'HTTP2-Settings': 'AAMAAABkAARAAAAAAAIAAAAA' }),
  one('accept-sent-by-client', { 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' }),
  one('line-without-colon', { 'X-Text': 'a\r\nthis is no header' }),
]

export default [
  ...upgrade,
  ...connection,
  ...key,
  ...version,
  ...protocol,
  ...extensions,
  ...sizes,
  ...odd,
]
