// Processes of the suite: what they wrote and how they ended. Every one has a deadline.
import { spawn } from 'node:child_process'

/** Far above what any program takes: 500 workers took 265 s on a machine that was six times overbooked. */
export const DEADLINE_MS = 600_000

/** Starts a program. `ended` tells its code, signal and output; it is killed at its deadline. */
export function start(command, args, { cwd, env = {} } = {}) {
  const clean = { ...process.env, NO_COLOR: '1', ...env }
  for (const name of [
    'VITE_NATIVE_WS',
    'VITE_NATIVE_WS_TRANSPORT',
    'NODE_OPTIONS',
    'FORCE_COLOR',
  ]) {
    if (!(name in env)) delete clean[name]
  }
  const child = spawn(command, args, { cwd, env: clean, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const waiting = new Set()
  const hear = (chunk) => {
    output += chunk
    for (const look of waiting) look()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, DEADLINE_MS)
  const ended = new Promise((resolve) => {
    const end = (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, isLate, output: () => output })
    }
    child.on('error', (error) => {
      output += error.stack
      end(null, null)
    })
    child.on('close', end)
  }).then(({ output, ...rest }) => ({ ...rest, output: output() }))

  /** The first match in its output. */
  function said(pattern) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(output)
        if (!match) return
        waiting.delete(look)
        resolve(match)
      }
      waiting.add(look)
      look()
      ended.then((end) => reject(new Error(`it ended before it said ${pattern}\n${describe(end)}`)))
    })
  }

  return { child, ended, said, kill: (signal) => child.kill(signal) }
}

/** Runs a program that must end with 0, and returns its output. */
export async function run(command, args, options) {
  const end = await start(command, args, options).ended
  if (end.code !== 0) throw new Error(describe(end))
  return end.output
}

export function describe({ code, signal, isLate, output }) {
  const how = isLate ? `not over after ${DEADLINE_MS} ms` : `ended with ${signal ?? code}`
  return `${how}\n${output.trim().split('\n').slice(-40).join('\n')}`
}
