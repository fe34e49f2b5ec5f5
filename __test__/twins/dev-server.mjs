// The dev server of an app in a process of its own: its command as a developer runs it.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { selfSigned } from '../support/certificate.mjs'

const START_MS = 120_000
const STOP_MS = 5_000
const CHANGE_MS = 1_500

/** @typedef {'adopted' | 'bridged' | 'https'} Transport */

export class DevServer {
  output = ''

  /**
   * @param {object} options
   * @param {string} options.root
   * @param {string[]} options.command A script of the app's packages, and its arguments.
   * @param {string} options.packages
   * @param {Transport} options.transport
   * @param {'native' | 'vite'} options.engine
   */
  static async start({ root, command, packages, transport, engine }) {
    const server = new DevServer()
    server.port = await freePort()
    server.isHttps = transport === 'https'
    server.transport = transport
    server.engine = engine
    const [script, ...args] = command
    const place = ['--port', String(server.port), '--strictPort', '--host', '127.0.0.1']
    server.child = fork(`${packages}/node_modules/${script}`, [...args, ...place], {
      cwd: root,
      silent: true,
      env: {
        ...process.env,
        CI: 'true',
        NODE_ENV: undefined,
        ASTRO_TELEMETRY_DISABLED: '1',
        TWINS_HTTPS: server.isHttps ? JSON.stringify(await selfSigned()) : '',
        VITE_NATIVE_WS: engine === 'vite' ? 'off' : '',
        VITE_NATIVE_WS_TRANSPORT: transport === 'bridged' ? 'bridge' : '',
      },
    })
    for (const stream of [server.child.stdout, server.child.stderr]) {
      stream.on('data', (chunk) => {
        server.output += chunk
      })
    }
    server.ended = once(server.child, 'exit')
    server.ended.then(() => {
      server.hasEnded = true
    })
    await server.#answers()
    return server
  }

  url(port = this.port) {
    return `http${this.isHttps ? 's' : ''}://127.0.0.1:${port}/`
  }

  async #answers() {
    const end = Date.now() + START_MS
    for (;;) {
      const status = await this.status().catch(() => undefined)
      if (status) return
      if (this.hasEnded || Date.now() > end) {
        await this.stop()
        throw new Error(`the dev server does not answer:\n${this.output}`)
      }
      await delay(50)
    }
  }

  /** What the server says of itself. */
  async status() {
    const body = await get(`${this.url()}__twins`)
    return JSON.parse(body)
  }

  /** The connections travel as this run is meant to show. */
  async check() {
    const { stats } = await this.status()
    if (this.engine === 'vite') {
      if (stats) throw new Error("the server was taken over, where Vite's own was wanted")
      return
    }
    const counted = this.transport === 'adopted' ? 'adopted' : 'bridged'
    if (!(stats?.[counted] > 0)) {
      throw new Error(`no connection is ${counted}: ${JSON.stringify(stats)}\n${this.output}`)
    }
  }

  /** JavaScript is held for so long. */
  block(milliseconds) {
    this.child.send({ block: milliseconds })
  }

  /** Resolves when everything that was asked of the process before has been done. */
  async isFree() {
    const answer = new Promise((resolve) => {
      const onMessage = ({ free }) => {
        if (!free) return
        this.child.off('message', onMessage)
        resolve()
      }
      this.child.on('message', onMessage)
    })
    this.child.send({ ask: true })
    await answer
  }

  /** Resolves when the watcher has reported an edit, or soon: bundled dev has another one. */
  hasChanged() {
    return new Promise((resolve) => {
      const onMessage = ({ changed }) => {
        if (changed) done()
      }
      const done = () => {
        clearTimeout(timer)
        this.child.off('message', onMessage)
        resolve()
      }
      const timer = setTimeout(done, CHANGE_MS)
      this.child.on('message', onMessage)
    })
  }

  async stop() {
    if (this.hasEnded) return
    this.child.kill('SIGTERM')
    const isLate = await Promise.race([this.ended, delay(STOP_MS, true, { ref: false })])
    if (isLate === true) this.child.kill('SIGKILL')
    await this.ended
  }
}

function get(url) {
  const { request } = url.startsWith('https') ? https : http
  return new Promise((resolve, reject) => {
    const asked = request(url, { rejectUnauthorized: false, timeout: 20_000 }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve(body))
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer')))
    asked.on('error', reject)
    asked.end()
  })
}

async function freePort() {
  const probe = net.createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}
