// npm run demo: installs, builds, serves examples/demo. With --check: plays it in a browser instead.
// Imports nothing but Node's own modules at first, because on a fresh clone there is nothing else.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const usage = `npm run demo -- [options]

  --port N             the port to ask for (default 5173)
  --https              with a self-signed certificate
  --bridge             keep sockets in Node and pump bytes, as for TLS
  --check              play every kind of update in headless Chromium, then exit
  --screenshot FILE    with --check: a picture of the page at the end
  --help

  VITE_NATIVE_WS=off   run on Vite's own server, to compare
  CHROMIUM_PATH        the browser for --check`

const root = fileURLToPath(new URL('..', import.meta.url))
const demo = join(root, 'examples', 'demo')
const engines = { native: 'native (Rust)', vite: "vite (ws), Vite's own" }

try {
  const options = readOptions()
  if (options.help) console.log(usage)
  else await main(options)
} catch (error) {
  console.error(`demo: ${error.message}`)
  process.exitCode = 1
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      bridge: { type: 'boolean' },
      check: { type: 'boolean' },
      help: { type: 'boolean' },
      https: { type: 'boolean' },
      port: { type: 'string' },
      screenshot: { type: 'string' },
    },
  })
  if (values.port && !/^\d{1,5}$/.test(values.port)) throw new Error(`${values.port} is no port`)
  if (values.screenshot && !values.check) throw new Error('--screenshot needs --check')
  return values
}

async function main(options) {
  if (options.bridge) process.env.VITE_NATIVE_WS_TRANSPORT = 'bridge'
  await install()
  say('building the addon (quick when nothing changed)')
  await run(process.execPath, [join(root, 'scripts', 'build.mjs')])
  if (options.check) await check(options)
  else await serve(options)
}

async function install() {
  const outdated = outdatedPackages()
  if (outdated === 0) return say('dependencies are installed')
  say(`installing dependencies with npm ci (${outdated} missing or outdated)`)
  try {
    await npm('ci')
  } catch {
    // A registry that lacks the builds for other platforms is enough for npm to refuse.
    say('npm ci refused: installing the same versions with npm install')
    await npm('install', '--no-save')
  }
}

async function npm(...command) {
  const args = [...command, '--include=dev', '--no-audit', '--no-fund']
  // Under `npm run` this is npm's own file, which needs no shell on any platform.
  const file = process.env.npm_execpath
  if (file) await run(process.execPath, [file, ...args])
  else await run('npm', args, { shell: process.platform === 'win32' })
}

/** Compares what the lock file asks for with what npm noted down when it last installed. */
function outdatedPackages() {
  const wanted = readPackages('package-lock.json')
  const present = readPackages(join('node_modules', '.package-lock.json'))
  return Object.entries(wanted).filter(([path, { version, optional }]) => {
    if (path === '') return false
    // Builds for other platforms are in the lock file and, rightly, not on the disk.
    if (!present[path]) return !optional
    return present[path].version !== version
  }).length
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages
  } catch {
    return {}
  }
}

async function serve({ port, https }) {
  const { createServer, version } = await import('vite')
  say(`starting Vite ${version}`)
  const server = await createServer({
    root: demo,
    configFile: join(demo, 'vite.config.mjs'),
    clearScreen: false,
    server: {
      port: port === undefined ? undefined : Number(port),
      https: https ? await certificate() : undefined,
    },
  })
  await server.listen()
  console.log(`\n  engine   ${engines[server.ws.stats?.().engine ?? 'vite']}`)
  for (const url of server.resolvedUrls.local) console.log(`  address  ${url}`)
  console.log('\n  Open it twice, then edit files in examples/demo/src. Ctrl-C ends it.\n')
  if (process.stdin.isTTY) server.bindCLIShortcuts({ print: true })
}

async function certificate() {
  const { selfSigned } = await import('../__test__/support/certificate.mjs')
  return selfSigned()
}

async function check({ https, screenshot }) {
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
  const { launchChromium } = await import('./browser.mjs')
  const { openDemo } = await import('../__test__/demo/demo-site.mjs')
  const { steps: updates, trials } = await import('../__test__/demo/steps.mjs')
  const steps = [...updates, ...trials]

  say('starting Chromium')
  const browser = await launchChromium(say)
  try {
    say('serving a copy of the demo')
    const site = await openDemo({ browser, https })
    try {
      say(`playing ${steps.length} steps at ${site.url}\n`)
      for (const step of steps) await play(step, site)
      if (screenshot) await photograph(site.page, screenshot)
    } finally {
      await site.close()
    }
  } finally {
    await browser.close()
  }
  console.log(`\ndemo: all ${steps.length} steps passed`)
  failIfStillAlive()
}

async function play(step, site) {
  const start = performance.now()
  try {
    await step.run(site)
  } catch (error) {
    console.log(`  ✗ ${step.name}`)
    console.error(`\n${error.stack}\n\nWhat Vite and the page said:\n${site.logs()}\n`)
    throw new Error(`failed at: ${step.name}`, { cause: error })
  }
  const took = `${Math.round(performance.now() - start)} ms`
  console.log(`  ✓ ${step.name.padEnd(40)}${took.padStart(8)}`)
}

async function photograph(page, file) {
  const path = resolve(process.env.INIT_CWD ?? '.', file)
  await page.screenshot({ path, fullPage: true })
  say(`screenshot in ${path}`)
}

/** With everything closed the process has to end by itself: a server that keeps it is a bug. */
function failIfStillAlive() {
  setTimeout(() => {
    console.error('demo: something still keeps the process alive 5 s after the server was closed')
    process.exit(1)
  }, 5000).unref()
}

function say(line) {
  console.log(`demo: ${line}`)
}

function run(command, args, options) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options })
    child.once('error', fail)
    child.once('exit', (code, signal) => {
      if (code === 0) done()
      else fail(new Error(`${[command, ...args].join(' ')} ended with ${signal ?? code}`))
    })
  })
}
