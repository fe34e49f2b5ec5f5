'use strict'

/** @typedef {import('../connection/adopt.js').NodeSocket} NodeSocket */

/** What to call when somebody else answers on a socket that is a WebSocket already. */
const kOnAnswer = Symbol('on-foreign-answer')

/** How every HTTP answer begins. No frame does: the first bits would be reserved ones. */
const HTTP = 'HTTP/1.'

/**
 * Notices an HTTP answer of another `upgrade` listener on a socket that has become a WebSocket: it
 * breaks the connection, and nothing else says why.
 *
 * @param {NodeSocket} socket
 * @param {(by: string) => void} onAnswer Gets who wrote, as far as the call stack tells.
 */
function noticeForeignAnswer(socket, onAnswer) {
  // One of somebody else's making may have its own.
  if (Object.hasOwn(socket, 'write') || Object.hasOwn(socket, 'end')) return
  Object.assign(socket, { [kOnAnswer]: onAnswer, write, end })
}

/** @this {any} @param {unknown[]} args */
function write(...args) {
  examine(this, args[0])
  return Reflect.apply(Object.getPrototypeOf(this).write, this, args)
}

/** @this {any} @param {unknown[]} args */
function end(...args) {
  examine(this, args[0])
  return Reflect.apply(Object.getPrototypeOf(this).end, this, args)
}

/**
 * @param {any} socket
 * @param {unknown} chunk
 */
function examine(socket, chunk) {
  if (typeof chunk !== 'string' && !Buffer.isBuffer(chunk)) return
  const beginning =
    typeof chunk === 'string' ? chunk : chunk.subarray(0, HTTP.length).toString('latin1')
  if (!beginning.startsWith(HTTP)) return
  const onAnswer = socket[kOnAnswer]
  socket[kOnAnswer] = undefined
  onAnswer?.(writerOf(new Error().stack ?? ''))
}

/** Frames of a call stack that only hand on: Node's, this file's, and those of `ws`. */
const BETWEEN = /node:|foreign-answer\.js|[\\/]node_modules[\\/]ws[\\/]/

/**
 * The package, or else the place, whose call led here.
 *
 * @param {string} stack
 */
function writerOf(stack) {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  const frame = frames.find((line) => !BETWEEN.test(line)) ?? frames.at(-1) ?? ''
  const name = /.*[\\/]node_modules[\\/](?:\.vite[\\/])?((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(
    frame,
  )?.[1]
  const [, place] = /\(?([^()\s]+:\d+):\d+\)?$/.exec(frame) ?? []
  return name?.replace('\\', '/') ?? place ?? 'an unknown listener'
}

module.exports = { noticeForeignAnswer }
