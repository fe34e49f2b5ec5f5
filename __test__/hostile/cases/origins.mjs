import { request } from '../request.mjs'

const one = (name, change) => ({ id: `origin/${name}`, steps: [request(change)] })

const HOSTS = {
  missing: null,
  empty: '',
  localhost: 'localhost',
  'localhost-dot': 'localhost.',
  subdomain: 'a.localhost:1',
  evil: 'evil.test',
  'evil-suffix': 'localhost.evil.test',
  'evil-ip-suffix': '127.0.0.1.evil.test',
  ipv4: '10.0.0.1',
  'ipv4-decimal': '2130706433',
  'ipv4-octal': '0177.0.0.1',
  ipv6: '[::1]:80',
  'ipv6-open': '[::1',
  'ipv6-empty': '[]',
  'ipv6-zone': '[fe80::1%25eth0]',
  userinfo: 'localhost@evil.test',
  'userinfo-reverse': 'evil.test@localhost',
  path: 'localhost/evil.test',
  query: 'localhost?evil.test',
  'space-inside': 'localhost evil.test',
  comma: 'localhost, evil.test',
  twice: ['localhost', 'evil.test'],
  'twice-reverse': ['evil.test', 'localhost'],
  'port-words': 'localhost:port',
  'port-huge': 'localhost:99999',
  'port-empty': 'localhost:',
  colons: 'localhost:1:2',
  upper: 'LOCALHOST',
  underscore: '_.localhost',
  'percent-encoded': '%6cocalhost',
  nul: 'localhost\0.evil.test',
  tab: 'localhost\t',
  'high-bytes': 'l\xc3\xb6calhost',
  'file-scheme': 'file:///etc/passwd',
  extension: 'chrome-extension://abc',
  long: `${'a.'.repeat(2000)}localhost`,
}

const ORIGINS = {
  missing: null,
  empty: '',
  null: 'null',
  evil: 'http://evil.test',
  garbage: '::::',
  list: 'http://localhost, http://evil.test',
  twice: ['http://localhost', 'http://evil.test'],
  'high-bytes': 'http://\xff',
}

const TOKENS = {
  missing: '/',
  empty: '/?token=',
  wrong: '/?token={wrong}',
  short: '/?token={short}',
  long: '/?token={long}',
  'first-wrong': '/?token={wrong}&token={token}',
  'first-right': '/?token={token}&token={wrong}',
  'other-name': '/?Token={token}',
  array: '/?token[]={token}',
  'encoded-name': '/?%74oken={token}',
  padded: '/?token=%20{token}',
  'plus-padded': '/?token={token}+',
  nul: '/?token={token}%00',
  'multi-byte': '/?token=%c3%a9%c3%a9%c3%a9%c3%a9%c3%a9%c3%a9',
  'bad-utf8': '/?token=%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff',
  semicolon: '/?a;token={token}',
  huge: `/?token=${'x'.repeat(10_000)}`,
  proto: '/?token=__proto__',
}

const NO_TOKEN = '/'

export default [
  ...Object.entries(HOSTS).map(([name, Host]) => one(`host-${name}`, { headers: { Host } })),
  ...Object.entries(ORIGINS).flatMap(([name, Origin]) => [
    one(`${name}-without-token`, { url: NO_TOKEN, headers: { Origin } }),
    one(`${name}-with-token`, { headers: { Origin } }),
  ]),
  ...Object.entries(TOKENS).map(([name, url]) => one(`token-${name}`, { url })),
  ...[7, 8].map((version) =>
    one(`legacy-${version}`, {
      url: NO_TOKEN,
      headers: {
        Origin: null,
        'Sec-WebSocket-Origin': 'http://evil.test',
        'Sec-WebSocket-Version': String(version),
      },
    }),
  ),
  one('ping-evil-host', {
    url: NO_TOKEN,
    headers: {
      Host: 'evil.test',
      Origin: 'http://evil.test',
      'Sec-WebSocket-Protocol': 'vite-ping',
    },
  }),
  one('ping-evil-path', { url: '/x', headers: { 'Sec-WebSocket-Protocol': 'vite-ping' } }),
  one('ping-bad-key', {
    headers: { 'Sec-WebSocket-Protocol': 'vite-ping', 'Sec-WebSocket-Key': 'x' },
  }),
  one('ping-post', { method: 'POST', headers: { 'Sec-WebSocket-Protocol': 'vite-ping' } }),
]
