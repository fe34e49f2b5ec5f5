// Runs a command that can write to files and not to pipes, as a Windows Node under Wine; and hands
// on what it writes.
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const POLL_MS = 20

const folder = mkdtempSync(join(tmpdir(), 'through-file-'))
const streams = [process.stdout, process.stderr].map((stream, place) => {
  const path = join(folder, String(place))
  return { stream, written: openSync(path, 'a'), read: openSync(path, 'r') }
})
const [command, ...args] = process.argv.slice(2)
const stdio = ['ignore', ...streams.map(({ written }) => written)]
const child = spawn(command, args, { stdio })
const poll = setInterval(pass, POLL_MS)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.once('error', (error) => end(error.message, 127))
child.once('exit', (code, signal) => end('', code ?? (signal ? 1 : 0)))

function pass() {
  const buffer = Buffer.alloc(65_536)
  for (const { stream, read } of streams) {
    for (let count = 1; count > 0; ) {
      count = readSync(read, buffer)
      if (count > 0) stream.write(Buffer.from(buffer.subarray(0, count)))
    }
  }
}

function end(message, code) {
  clearInterval(poll)
  pass()
  if (message) process.stderr.write(`${message}\n`)
  for (const { written, read } of streams) {
    closeSync(written)
    closeSync(read)
  }
  rmSync(folder, { recursive: true })
  process.exitCode = code
}
