// What starts a suite that has packages of its own.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs a command with its output shown; ends this process if it fails. */
export function run(command, args, options) {
  const shell = process.platform === 'win32' && command !== process.execPath
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell, ...options })
  if (status !== 0) process.exit(status || 1)
}

/** @param {string[]} folders Below `__test__` */
export function installPackages(...folders) {
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  for (const folder of folders) {
    console.log(`Installing the packages of __test__/${folder}`)
    run('npm', args, { cwd: `${root}/__test__/${folder}` })
  }
}
