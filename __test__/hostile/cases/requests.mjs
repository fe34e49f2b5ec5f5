import { encode, OPCODE } from '../../support/frame.mjs'
import { request } from '../request.mjs'

const one = (name, change, more) => ({
  id: `request/${name}`,
  steps: [request(change)],
  ...more,
})

const methods = [
  'POST',
  'PUT',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'CONNECT',
  'PATCH',
  'get',
  'PRI',
  'G\0T',
]

const URLS = {
  'no-token': '/',
  'double-slash': '//?token={token}',
  'double-slash-host': '//evil.test/?token={token}',
  'double-slash-open-bracket': '//[?token={token}',
  'triple-slash': '///?token={token}',
  'other-path': '/other?token={token}',
  'dot-segments': '/a/../?token={token}',
  'dot-segments-above': '/../../?token={token}',
  'dot-encoded': '/%2e%2e/?token={token}',
  backslash: '/\\?token={token}',
  'backslash-host': '\\\\evil.test/?token={token}',
  semicolon: '/;?token={token}',
  'escape-bad': '/?token=%zz',
  'escape-cut': '/?token={token}%',
  'escape-cut-digit': '/?token={token}%4',
  'escape-bad-path': '/%zz?token={token}',
  'escape-nul': '/%00?token={token}',
  'escape-bad-utf8': '/?token=%ff%fe',
  'escape-overlong': '/?token=%c0%80',
  'high-bytes': '/\xff\xfe?token={token}',
  'high-bytes-token': '/?token=\xff\xfe',
  nul: '/\0?token={token}',
  tab: '/\t?token={token}',
  fragment: '/?token={token}#fragment',
  'fragment-first': '/#?token={token}',
  absolute: 'http://127.0.0.1:{port}/?token={token}',
  'absolute-other-host': 'http://evil.test/?token={token}',
  'absolute-ws': 'ws://127.0.0.1:{port}/?token={token}',
  'absolute-no-path': 'http://127.0.0.1:{port}?token={token}',
  'absolute-userinfo': 'http://user:pass@127.0.0.1:{port}/?token={token}',
  'absolute-bad-port': 'http://127.0.0.1:99999/?token={token}',
  authority: '127.0.0.1:{port}',
  userinfo: '@evil.test/?token={token}',
  asterisk: '*',
  'asterisk-port': '*:99999?token={token}',
  'asterisk-bracket': '*[?token={token}',
  'asterisk-space': '*%20/?token={token}',
  'asterisk-percent': '*%zz/?token={token}',
  'asterisk-at': '*@/?token={token}',
  empty: '',
  space: '/ ?token={token}',
  'no-slash': '?token={token}',
  proto: '/__proto__?token={token}',
  'query-proto': '/?__proto__[token]={token}',
  'query-empty': '/?',
  'query-many': `/?${'a=1&'.repeat(1500)}token={token}`,
  'long-8-kib': `/?token={token}&x=${'x'.repeat(8 * 1024)}`,
  'long-20-kib': `/?token={token}&x=${'x'.repeat(20 * 1024)}`,
}

const versions = [
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/1.2',
  'HTTP/2.0',
  'HTTP/9',
  'http/1.1',
  'HTTPS/1.1',
  '',
]

const raw = {
  'bare-lf': request({ eol: '\n' }),
  'bare-cr': request({ eol: '\r' }),
  'leading-newlines': `\r\n\r\n\r\n${request()}`,
  'leading-lf': `\n${request()}`,
  'leading-space': ` ${request()}`,
  'leading-nul': `\0${request()}`,
  'http2-preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'tls-hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(64, '\0'),
  socks: '\x05\x01\x00',
  'just-nul': '\0'.repeat(64),
  'just-newlines': '\r\n'.repeat(64),
  'just-garbage': '\x80\x81\xfe\xff'.repeat(64),
  'only-method': 'GET ',
  'only-line': 'GET / HTTP/1.1\r\n',
  'headers-unfinished': request().slice(0, -2),
  'frame-without-handshake': encode({ opcode: OPCODE.text, payload: '{"type":"ping"}' }),
}

const text = (data) => ({
  opcode: OPCODE.text,
  payload: JSON.stringify({ type: 'custom', event: 'hostile:echo', data }),
})

const behind = (name, first, ...rest) => ({
  id: `request/${name}`,
  steps: [
    Buffer.concat([first, ...rest].map((part) => Buffer.from(part, 'latin1'))).toString('latin1'),
  ],
})

const pipelined = [
  behind('behind-frame', request(), encode(text(1))),
  behind('behind-frames', request(), encode(text(1)), encode(text(2)), encode(text(3))),
  behind('behind-half-frame', request(), encode(text(1)).subarray(0, 9)),
  behind('behind-garbage', request(), '\xff\xff\xff\xff\xff\xff\xff\xff'),
  behind('behind-unmasked', request(), encode({ ...text(1), masked: false })),
  behind('behind-close', request(), encode({ opcode: OPCODE.close })),
  behind('behind-second-handshake', request(), request()),
  behind('behind-http-request', request(), 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  behind('refused-then-good', request({ url: '/?token={wrong}' }), request()),
  {
    // The 101 overtakes the answer to the first request, by as much as that takes.
    blind: true,
    ...behind('get-then-upgrade', 'GET /main.mjs HTTP/1.1\r\nHost: localhost\r\n\r\n', request()),
  },
  one('body-length', { headers: { 'Content-Length': '5' }, body: 'hello' }),
  one('body-length-frame', {
    headers: { 'Content-Length': '21' },
    body: encode({ opcode: OPCODE.text, payload: '{"type":"ping"}' }).toString('latin1'),
  }),
  one('body-short', { headers: { 'Content-Length': '50' }, body: 'hello' }, { midFrame: true }),
  one('body-huge-length', { headers: { 'Content-Length': '9'.repeat(30) } }),
  one('body-chunked', {
    headers: { 'Transfer-Encoding': 'chunked' },
    body: '5\r\nhello\r\n0\r\n\r\n',
  }),
  one('body-chunked-bad', { headers: { 'Transfer-Encoding': 'chunked' }, body: 'zz\r\n' }),
  one('body-chunked-open', { headers: { 'Transfer-Encoding': 'chunked' } }, { midFrame: true }),
  one('body-gzip', { headers: { 'Transfer-Encoding': 'gzip, chunked' }, body: '0\r\n\r\n' }),
]

export default [
  ...methods.map((method, i) => one(`method-${i}-${method.replace('\0', 'nul')}`, { method })),
  ...Object.entries(URLS).map(([name, url]) => one(`url-${name}`, { url })),
  ...versions.map((version) => one(`version-${version.replace('/', '-') || 'none'}`, { version })),
  ...Object.entries(raw).map(([name, bytes]) => ({ id: `request/raw-${name}`, steps: [bytes] })),
  ...pipelined,
]
