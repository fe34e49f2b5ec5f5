// Running npm and others as somebody would who has Node and no Rust.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * @param {string[]} args
 * @returns {[string, string[]]} npm with these arguments
 */
export function npmCommand(...args) {
  // Under `npm run` this is npm's own file, which needs no shell on any platform.
  const file = process.env.npm_execpath
  return file?.endsWith('.js') ? [process.execPath, [file, ...args]] : ['npm', args]
}

/**
 * This process's environment without a Rust toolchain and without what would change how Node or
 * this package run. How the registry is reached, npm's settings and certificates, stays.
 *
 * @param {string} folder for a link to Node, where the PATH has it beside Rust
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentWithoutRust(folder) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(npm_(?!config_)|NODE_(OPTIONS|PATH)|CARGO|RUST|VITE_NATIVE_WS|NAPI_)/i.test(name),
    ),
  )
  const isRust = (path) => ['cargo', 'rustc'].some((name) => existsSync(join(path, name)))
  const folders = (process.env.PATH ?? '').split(delimiter).filter((path) => path && !isRust(path))
  mkdirSync(folder, { recursive: true })
  if (process.platform !== 'win32') symlinkSync(process.execPath, join(folder, 'node'))
  const local = ['127.0.0.1', 'localhost', process.env.NO_PROXY ?? process.env.no_proxy]
  const noProxy = local.filter(Boolean).join(',')
  return {
    ...env,
    PATH: [folder, ...folders].join(delimiter),
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    NO_COLOR: '1',
  }
}

/**
 * Runs a command to its end.
 *
 * @param {[string, string[]]} command
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<string>} what it printed
 */
export function run([command, args], options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && command !== process.execPath,
    })
    const printed = []
    child.stdout.on('data', (chunk) => printed.push(chunk))
    child.stderr.on('data', (chunk) => printed.push(chunk))
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const output = Buffer.concat(printed).toString()
      if (code === 0) resolve(output)
      else {
        const line = [command, ...args].join(' ')
        reject(new Error(`${line} ended with ${signal ?? code}:\n${output.slice(-3000)}`))
      }
    })
  })
}
