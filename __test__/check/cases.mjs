// Every way in which a connection is broken here: what breaks it, the cause that the check has to
// name, and what mends it. A remedy that is a line of vite.config.js is taken from the check's own words.
import http from 'node:http'
import { WebSocketServer } from 'ws'
import { freePort, listen } from '../support/port.mjs'
import { startFront } from './front.mjs'
import { restart, serve } from './site.mjs'

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string} cause
 * @property {RegExp} sentence
 * @property {RegExp} [remedy]
 * @property {Partial<Case>} [inPage] What differs in a page
 * @property {(t: any) => Promise<Broken>} break
 */
/**
 * @typedef {object} Broken
 * @property {string} address
 * @property {(remedy: string[]) => Promise<string | void>} mend Gives the address, if it is another
 */

/** A dev server behind a proxy with a fault; its end is the remedy. */
const faulty = (fault, config, options) => async (t) => {
  const { port } = await serve(t, config, options)
  const front = await startFront(t, port, fault)
  return {
    address: `${front.address}${config?.base ?? ''}`,
    async mend() {
      for (const name of Object.keys(fault)) if (name !== 'isSecure') delete fault[name]
    },
  }
}

/** A proxy, and a dev server whose configuration is wrong; the remedy's lines mend that. */
const misconfigured =
  (config, fault = {}) =>
  async (t) => {
    const port = await freePort()
    const front = await startFront(t, port, fault)
    const started = await serve(t, withPort(await config(front), port))
    return {
      address: front.address,
      async mend(remedy) {
        await started.server.close()
        await serve(t, withPort(configOf(remedy), port))
      },
    }
  }

const withPort = (config, port) => ({
  ...config,
  server: { ...config.server, port, strictPort: true },
})

/** The configuration that the lines of a remedy are. */
export function configOf(remedy, scope = {}) {
  const line = remedy.find((text) => text.startsWith('server: {'))
  const names = Object.keys(scope)
  return new Function(...names, `return { ${line} }`)(...Object.values(scope))
}

const APP_HOST = 'app.example'

/** @type {Case[]} */
export const CASES = [
  {
    name: 'a proxy that drops the header Upgrade',
    cause: 'upgrade-not-passed-on',
    sentence: /arrives with no `Upgrade` header/,
    remedy: /Upgrade: websocket/,
    break: faulty({ dropsUpgrade: true }),
  },
  {
    name: 'a proxy that answers upgrades itself',
    cause: 'upgrade-not-passed-on',
    sentence: /other requests for \/ arrive at the dev server/,
    break: faulty({ answersUpgrade: 404 }),
  },
  {
    name: 'a proxy that does not relay the answer to an upgrade',
    cause: 'answer-lost',
    sentence: /accepted the WebSocket, and its answer did not come back/,
    break: faulty({ losesAnswer: true }),
  },
  {
    name: 'a proxy that cannot reach the server for upgrades',
    cause: 'gateway',
    sentence: /status 502/,
    // Browsers do not tell the status.
    inPage: { cause: 'upgrade-not-passed-on', sentence: /does not pass the upgrade on/ },
    break: faulty({ answersUpgrade: 502 }),
  },
  {
    name: 'a proxy that strips the base off the path of upgrades',
    cause: 'path-changed',
    sentence: /\/app\/ arrives as \//,
    remedy: /unchanged/,
    break: faulty({ rewrites: (path) => path.replace('/app', '') }, { base: '/app/' }),
  },
  {
    name: 'a proxy that loses the subprotocol',
    cause: 'subprotocol-removed',
    sentence: /Sec-WebSocket-Protocol/,
    break: faulty({ drops: new Set(['sec-websocket-protocol']) }),
  },
  {
    name: 'a path of the socket that a proxy does not pass on',
    cause: 'path-not-passed-on',
    sentence: /Requests for \/hot, the path of the WebSocket/,
    remedy: /`path` of server\.ws/,
    break: faulty(
      { leads: (path) => !path.startsWith('/hot') },
      { server: { ws: { path: 'hot' } } },
    ),
  },
  {
    name: 'a client port that leads nowhere',
    cause: 'port-not-reached',
    sentence: /The page came through port \d+, and looks for its WebSocket at port \d+/,
    remedy: /^server: \{ ws: \{ clientPort: \d+ \} \}$/m,
    break: misconfigured(async () => ({ server: { ws: { clientPort: await freePort() } } })),
  },
  {
    name: 'a port of the socket that is not forwarded',
    cause: 'port-not-reached',
    sentence: /has a port of its own, \d+, which cannot be reached/,
    remedy: /Forward port \d+ as well/,
    break: async (t) => {
      const [port, clientPort] = [await freePort(), await freePort()]
      const { address } = await serve(t, { server: { ws: { port, clientPort } } })
      return { address, mend: () => startForward(t, clientPort, port) }
    },
  },
  {
    name: 'a port of the socket that another program has',
    cause: 'port-not-open',
    sentence: /could not open port \d+/,
    remedy: /port: \d+/,
    break: async (t) => {
      const other = http.createServer()
      // The socket's port is opened on every address.
      await new Promise((resolve) => other.listen(0, resolve))
      t.after(() => other.close())
      const config = { server: { ws: { port: other.address().port } } }
      const { address, server } = await serve(t, config)
      return {
        address,
        async mend() {
          await new Promise((resolve) => other.close(resolve))
          return restart(t, server, config)
        },
      }
    },
  },
  {
    name: 'TLS in front, and the port behind it in clientPort',
    cause: 'tls-in-front',
    sentence: /TLS ends in front of the dev server/,
    remedy: /^server: \{ ws: \{ protocol: 'wss', clientPort: \d+ \} \}$/m,
    break: misconfigured(async () => ({ server: { ws: { clientPort: await freePort() } } }), {
      isSecure: true,
    }),
  },
  {
    name: 'a socket in the clear for a page over https',
    cause: 'insecure-socket',
    sentence: /browsers let it open no socket in the clear/,
    remedy: /protocol: 'wss', host: '0\.0\.0\.0', clientPort: \d+/,
    break: async (t) => {
      // A name that browsers do not take for this machine, and that leads here.
      const broken = await misconfigured(() => ({ server: { ws: { protocol: 'ws' } } }), {
        isSecure: true,
      })(t)
      return { ...broken, address: broken.address.replace('127.0.0.1', '0.0.0.0') }
    },
  },
  {
    name: 'a secure socket for a page in the clear',
    cause: 'wrong-protocol',
    sentence: /tries wss: at an address that speaks ws:/,
    remedy: /protocol: 'ws'/,
    break: misconfigured(() => ({ server: { ws: { protocol: 'wss' } } })),
  },
  {
    name: 'a name that is not allowed',
    cause: 'host-not-allowed',
    sentence: /does not answer requests for the name app\.example/,
    remedy: /^server: \{ allowedHosts: \['app\.example'\] \}$/m,
    break: misconfigured(() => ({}), { host: APP_HOST }),
  },
  {
    name: 'a name that only upgrades have, and that is not allowed',
    cause: 'host-not-allowed',
    sentence: /refused, since it arrives for the host app\.example/,
    remedy: /allowedHosts: \['app\.example'\]/,
    break: misconfigured(() => ({}), { upgradeHost: APP_HOST }),
  },
  ...['politely', 'stubbornly'].map((caches) => ({
    name: `a proxy that keeps Vite's client over a restart, ${caches}`,
    cause: 'old-token',
    sentence: caches === 'politely' ? /keeps Vite's client of before/ : /an earlier or another/,
    break: async (t) => {
      const fault = { caches }
      const started = await serve(t)
      const front = await startFront(t, started.port, fault)
      await (await fetch(`${front.address}/@vite/client`)).text()
      await restart(t, started.server)
      return {
        address: front.address,
        async mend() {
          delete fault.caches
        },
      }
    },
  })),
  {
    name: 'another listener that answers first',
    cause: 'another-listener-took-it',
    sentence: /takeEverything/,
    remedy: /pathname !== '\/its-path'\) return/,
    break: withListener('prependListener', function takeEverything(_, socket) {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    }),
  },
  {
    name: 'another listener that answers as well',
    cause: 'another-listener-broke-it',
    sentence: /breaks the connection/,
    break: withListener('on', (_, socket) => {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    }),
  },
  {
    name: 'a proxy that cuts silent connections',
    cause: 'cut-while-idle',
    sentence: /is cut after 1\.\d s by what is between/,
    remedy: /^nativeWs\(\{ keepalive: 500 \}\)$/m,
    break: async (t) => {
      const port = await freePort()
      const front = await startFront(t, port, { idle: 1_200 })
      const started = await serve(t, withPort({}, port))
      return {
        address: front.address,
        async mend(remedy) {
          await started.server.close()
          const line = remedy.find((text) => text.startsWith('nativeWs('))
          await serve(
            t,
            withPort({}, port),
            new Function(`return ${line.slice('nativeWs'.length)}`)(),
          )
        },
      }
    },
  },
  {
    name: 'a proxy that holds back what the server sends',
    cause: 'held-back',
    sentence: /does not arrive/,
    remedy: /buffering/,
    break: faulty({ holds: true }, {}, { keepalive: 500 }),
  },
  {
    name: 'another WebSocket server where the socket is looked for',
    cause: 'another-server',
    sentence: /Another server than this one accepts WebSockets/,
    break: async (t) => {
      const port = await freePort()
      const other = new WebSocketServer({ port, host: '127.0.0.1' })
      t.after(() => other.close())
      const { address, server } = await serve(t, { server: { ws: { clientPort: port } } })
      return { address, mend: () => restart(t, server, {}) }
    },
  },
  {
    name: 'a middleware-mode server whose own port is not reachable',
    cause: 'middleware-port',
    sentence: /Vite is a middleware here/,
    remedy: /^server: \{ ws: \{ server: httpServer \} \}$/m,
    break: async (t) => {
      const [own, clientPort] = [await freePort(), await freePort()]
      const { address, server } = await serveMiddleware(t, { ws: { port: own, clientPort } })
      return {
        address,
        async mend(remedy) {
          await server.close()
          const mended = await serveMiddleware(
            t,
            (httpServer) => configOf(remedy, { httpServer }).server,
          )
          return mended.address
        },
      }
    },
  },
]

/** Vite as a middleware of a plain HTTP server. */
async function serveMiddleware(t, options) {
  const httpServer = http.createServer()
  const port = await listen(httpServer)
  t.after(() => httpServer.close())
  const given = typeof options === 'function' ? options(httpServer) : options
  const { server } = await serve(t, { server: { middlewareMode: true, ...given } })
  httpServer.on('request', server.middlewares)
  return { server, address: `http://127.0.0.1:${port}` }
}

function withListener(way, listener) {
  return async (t) => {
    const { address, server } = await serve(t)
    server.httpServer[way]('upgrade', listener)
    return {
      address,
      async mend() {
        server.httpServer.off('upgrade', listener)
      },
    }
  }
}

/** What forwards a port. */
async function startForward(t, port, target) {
  const { default: net } = await import('node:net')
  const server = net.createServer((socket) => {
    const behind = net.connect(target, '127.0.0.1')
    for (const one of [socket, behind]) one.on('error', () => {})
    socket.pipe(behind).pipe(socket)
  })
  t.after(() => server.close())
  await listen(server, port)
}
