import { encode, OPCODE } from '../../support/frame.mjs'

const OPEN = { open: true }
/** Vite answers after a turn or more of the loop, and dies as late as that. */
const ASYNC_MS = 20

const AFTER = encode({
  opcode: OPCODE.text,
  payload: '{"type":"custom","event":"hostile:echo","data":"after"}',
})

const sent = (event, name, data, more) => {
  const payload = `{"type":"custom","event":"${event}"${data === undefined ? '' : `,"data":${data}`}}`
  return {
    id: `vite/${event.replace('vite:', '')}-${name}`,
    event,
    steps: [
      OPEN,
      encode({ opcode: OPCODE.text, payload }),
      { heard: true },
      { wait: ASYNC_MS },
      AFTER,
    ],
    ...more,
  }
}

/** Data of the wrong kind, for every event that Vite listens to. */
const WRONG = {
  absent: undefined,
  null: 'null',
  true: 'true',
  number: '1',
  string: '"text"',
  array: '[]',
  object: '{}',
}

const INVOKE = {
  'id-null': '{"name":"getBuiltins","id":null,"data":[]}',
  'id-number': '{"name":"getBuiltins","id":1,"data":[]}',
  'id-array': '{"name":"getBuiltins","id":["send"],"data":[]}',
  'id-object': '{"name":"getBuiltins","id":{"replace":1},"data":[]}',
  'id-huge': `{"name":"getBuiltins","id":"send:${'x'.repeat(100_000)}","data":[]}`,
  'id-other': '{"name":"getBuiltins","id":"none","data":[]}',
  good: '{"name":"getBuiltins","id":"send:1","data":[]}',
  'name-missing': '{"id":"send:1","data":[]}',
  'name-null': '{"name":null,"id":"send:1","data":[]}',
  'name-unknown': '{"name":"nothing","id":"send:1","data":[]}',
  'name-proto': '{"name":"__proto__","id":"send:1","data":[]}',
  'name-constructor': '{"name":"constructor","id":"send:1","data":[]}',
  'name-to-string': '{"name":"toString","id":"send:1","data":[]}',
  'name-array': '{"name":["getBuiltins"],"id":"send:1","data":[]}',
  'data-missing': '{"name":"getBuiltins","id":"send:1"}',
  'data-null': '{"name":"getBuiltins","id":"send:1","data":null}',
  'data-number': '{"name":"getBuiltins","id":"send:1","data":5}',
  'data-object': '{"name":"getBuiltins","id":"send:1","data":{}}',
  'data-string': '{"name":"getBuiltins","id":"send:1","data":"abc"}',
  'fetch-file': '{"name":"fetchModule","id":"send:1","data":["file:///etc/passwd?raw"]}',
  'fetch-null': '{"name":"fetchModule","id":"send:1","data":[null]}',
  'fetch-empty': '{"name":"fetchModule","id":"send:1","data":[]}',
  'fetch-object': '{"name":"fetchModule","id":"send:1","data":[{}]}',
}

const INVALIDATE = {
  'path-missing': '{"message":"x"}',
  'path-null': '{"path":null}',
  'path-number': '{"path":1}',
  'path-array': '{"path":["/main.mjs"]}',
  'path-object': '{"path":{"startsWith":1}}',
  'path-empty': '{"path":""}',
  'path-unknown': '{"path":"/none.js","message":"x"}',
  'path-known': '{"path":"/main.mjs","message":"x"}',
  'path-proto': '{"path":"__proto__"}',
  'path-dots': '{"path":"/../../../../etc/passwd"}',
  'path-nul': '{"path":"/main.mjs\\u0000"}',
  'path-id-prefix': '{"path":"/@id/"}',
  'path-id-nul': '{"path":"/@id/__x00__"}',
  'message-object': '{"path":"/main.mjs","message":{"a":1},"firstInvalidatedBy":{}}',
  'message-escape': '{"path":"/main.mjs","message":"\\u001b[2J"}',
  'first-null': '{"path":"/main.mjs","firstInvalidatedBy":null}',
}

const CONSOLE = {
  'log-no-data': '{"type":"log"}',
  'log-data-null': '{"type":"log","data":null}',
  'log-good': '{"type":"log","data":{"level":"log","message":"hello"}}',
  'log-level-number': '{"type":"log","data":{"level":1,"message":"hello"}}',
  'log-message-null': '{"type":"log","data":{"level":"error","message":null}}',
  'log-message-object': '{"type":"log","data":{"level":"error","message":{}}}',
  'log-escape': '{"type":"log","data":{"level":"log","message":"\\u001b]0;x\\u0007\\u009b2J"}}',
  'error-no-data': '{"type":"error"}',
  'error-data-null': '{"type":"error","data":null}',
  'error-data-empty': '{"type":"error","data":{}}',
  'error-stack-null': '{"type":"error","data":{"name":"E","message":"m","stack":null}}',
  'error-stack-number': '{"type":"error","data":{"name":"E","message":"m","stack":1}}',
  'error-stack-object': '{"type":"error","data":{"name":"E","message":"m","stack":{}}}',
  'error-stack-foreign':
    '{"type":"error","data":{"name":"E","message":"m","stack":"E: m\\n at x (file:///etc/passwd:1:1)"}}',
  'rejection-no-data': '{"type":"unhandled-rejection"}',
  'type-array': '{"type":["error"],"data":1}',
}

const BUNDLED = ['client-connected', 'bundled-dev:payload-delivered', 'bundled-dev:reload-needed']
const SYNTHETIC = [
  'client:connect',
  'client:disconnect',
  'module-loaded',
  'beforeUpdate',
  'ws:connect',
]

const wrong = (event) => Object.entries(WRONG).map(([name, data]) => sent(event, name, data))
const each = (event, group) => Object.entries(group).map(([name, data]) => sent(event, name, data))

/** The same from many clients at once, so that a second error meets the first. */
const crowds = ['vite:invoke', 'vite:invalidate', 'vite:forward-console'].map((event) =>
  sent(event, 'crowd', 'null', { crowd: 10 }),
)

export default [
  ...wrong('vite:invoke'),
  ...each('vite:invoke', INVOKE),
  ...wrong('vite:invalidate'),
  ...each('vite:invalidate', INVALIDATE),
  ...wrong('vite:forward-console'),
  ...each('vite:forward-console', CONSOLE),
  ...[...BUNDLED, ...SYNTHETIC].flatMap((name) =>
    ['absent', 'null', 'string'].map((data) => sent(`vite:${name}`, data, WRONG[data])),
  ),
  ...crowds,
]
