// Installs the packages of this folder, where they are missing or of other versions.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))

export function ensurePackages(say = console.log) {
  const { dependencies } = read('package.json')
  const isInstalled = Object.entries(dependencies).every(([name, version]) => {
    const file = `node_modules/${name}/package.json`
    return existsSync(folder + file) && read(file).version === version
  })
  if (isInstalled) return
  say(`installing ${Object.keys(dependencies).join(' and ')}`)
  const { status, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm ci failed:\n${stderr}`)
}

function read(file) {
  return JSON.parse(readFileSync(folder + file, 'utf8'))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensurePackages()
