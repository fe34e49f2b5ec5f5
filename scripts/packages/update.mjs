// One hot update: a dev server as `vite` starts it, a page in a browser, an edited file.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { text } from './app.mjs'

const DEADLINE_MS = 60_000

/**
 * @param {object} options
 * @param {import('playwright-core').Browser} options.browser
 * @param {string} options.app
 * @param {string} options.config the configuration's file
 * @param {[string, string[]]} options.vite
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} [options.binary] the file that must be the one loaded; none: Vite's own server
 * @returns {Promise<{ milliseconds: number, transport: string }>}
 */
export async function seeUpdate({ browser, app, config, vite, env, binary }) {
  writeFileSync(join(app, 'src', 'text.js'), text('before'))
  const server = await startVite({ app, config, vite, env })
  const page = await browser.newPage()
  try {
    const frames = []
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => frames.push(String(payload))),
    )
    await page.goto(server.url)
    await shows(page, 'before')
    const engine = await connected(server)
    const wanted = binary ? 'native' : undefined
    if (engine.engine !== wanted) throw new Error(`the engine is ${engine.engine}`)
    if (binary && !engine.binaries.some((file) => file.endsWith(binary))) {
      throw new Error(`${binary} is not what was loaded, but ${engine.binaries}`)
    }
    await page.evaluate(() => {
      globalThis.isSamePage = true
    })

    const start = performance.now()
    writeFileSync(join(app, 'src', 'text.js'), text('after'))
    await shows(page, 'after')
    const milliseconds = performance.now() - start
    if (!(await page.evaluate(() => globalThis.isSamePage))) throw new Error('the page reloaded')
    if (!frames.some((frame) => frame.includes('"type":"update"'))) {
      throw new Error(`no update came over the WebSocket, but ${frames}`)
    }
    return { milliseconds, transport: engine.adopted > 0 ? 'adopted' : 'bridged' }
  } catch (error) {
    throw new Error(`${error.message}\nVite said:\n${server.output()}`, { cause: error })
  } finally {
    await page.close()
    await server.stop()
  }
}

async function startVite({ app, config, vite: [command, args], env }) {
  const child = spawn(command, [...args, '--config', config, '--host', '127.0.0.1'], {
    cwd: app,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A package manager may stand between this process and Vite: they end together, as a group.
    detached: process.platform !== 'win32',
  })
  let output = ''
  const exited = once(child, 'exit')
  exited.catch(() => {})
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    if (process.platform === 'win32') child.kill()
    else process.kill(-child.pid, 'SIGTERM')
    await exited
  }
  const url = new Promise((resolve) => {
    const read = (chunk) => {
      output += chunk
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(output)
      if (found) resolve(found[0])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
  })
  const ended = exited.then(([code]) => Promise.reject(new Error(`Vite ended with ${code}`)))
  ended.catch(() => {})
  const late = delay(DEADLINE_MS, undefined, { ref: false }).then(() =>
    Promise.reject(new Error(`Vite printed no address within ${DEADLINE_MS / 1000} s`)),
  )
  late.catch(() => {})
  try {
    return { url: await Promise.race([url, ended, late]), output: () => output, stop }
  } catch (error) {
    await stop()
    throw new Error(`${error.message}:\n${output}`, { cause: error })
  }
}

/** Waits until the page's client is there and an edit would be noticed. */
async function connected(server) {
  const end = performance.now() + DEADLINE_MS
  for (;;) {
    const engine = await (await fetch(new URL('engine', server.url))).json()
    const isOwnServer = engine.engine === undefined
    if (engine.isWatching && (isOwnServer || engine.clients === 1)) return engine
    if (performance.now() > end) throw new Error(`not connected: ${JSON.stringify(engine)}`)
    await delay(20)
  }
}

async function shows(page, wanted) {
  await page.waitForFunction(
    (wanted) => document.querySelector('#text')?.textContent === wanted,
    wanted,
    { timeout: DEADLINE_MS, polling: 10 },
  )
}
