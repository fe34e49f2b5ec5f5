// Finds a Chromium, installs one where that is ours to do, and starts it.
// Imports nothing but Node's own modules, so that it can run before `npm ci`.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const commands = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

const bundles = {
  darwin: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  win32: ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA']
    .filter((name) => process.env[name])
    .map((name) => join(process.env[name], 'Google', 'Chrome', 'Application', 'chrome.exe')),
}

// The browser talks to a server on this machine and to nobody else.
const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Playwright's own option leaves shared workers out, and in one Vite's client waits for a restart.
  '--ignore-certificate-errors',
]

/** @returns {string | undefined} where a Chromium is, if there is one */
export function findChromium() {
  const chosen = process.env.CHROMIUM_PATH
  if (chosen) {
    if (existsSync(chosen)) return chosen
    throw new Error(`CHROMIUM_PATH names ${chosen}, where there is no file`)
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const onPath = commands.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [...onPath, ...(bundles[process.platform] ?? [])].find((path) => existsSync(path))
}

/**
 * @param {(line: string) => void} [say]
 * @returns {string} where a Chromium is, after installing one if need be
 */
export function ensureChromium(say = () => {}) {
  const found = findChromium()
  if (found) return found
  if (isDebian() && process.getuid?.() === 0) {
    say('installing Chromium with apt-get')
    apt('update')
    apt('install', '--yes', '--no-install-recommends', 'chromium')
    const installed = findChromium()
    if (installed) return installed
  }
  throw new Error('no Chromium found: install Chromium or Chrome, or set CHROMIUM_PATH to one')
}

/**
 * @param {(line: string) => void} [say]
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function launchChromium(say) {
  const executablePath = ensureChromium(say)
  const { chromium } = await import('playwright-core')
  return chromium.launch({ executablePath, args: switches })
}

function isDebian() {
  try {
    const release = readFileSync('/etc/os-release', 'utf8')
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release)
  } catch {
    return false
  }
}

function apt(...args) {
  const { status, stderr } = spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed:\n${stderr?.trim()}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(ensureChromium(console.error))
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
