'use strict'

const { sep } = require('node:path')
const { fileURLToPath } = require('node:url')

/** Longer messages are not read: a `full-reload` has two paths at most. */
const MAX_LENGTH = 4096
const OURS = `${__dirname.slice(0, __dirname.lastIndexOf(sep))}${sep}`
/** The function of Vite's optimizer that sends one, in every major. */
const OF_OPTIMIZER = /^\s*at fullReload \(/m
/** Vite compiles a configuration to a file of this name beside it, or in this folder. */
const COMPILED = /^(.+?)\.timestamp-.*$/
const PACKAGE = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/

/**
 * A `full-reload`, told for people: the file, and the code that sent it.
 *
 * @param {string} text A message of Vite's protocol, about to be sent.
 * @returns {string | undefined} Nothing for another message.
 */
function describeFullReload(text) {
  if (text.length > MAX_LENGTH || !text.includes('"full-reload"')) return undefined
  const { type, path, triggeredBy } = JSON.parse(text)
  if (type !== 'full-reload') return undefined
  const file = triggeredBy ?? (path === '*' ? undefined : path)
  return describeCause(file, new Error().stack ?? '')
}

/**
 * @param {string | undefined} file
 * @param {string} stack Of the code that sends.
 */
function describeCause(file, stack) {
  const sender = senderOf(stack)
  if (file) return `${file} changed; sent by ${sender}`
  if (sender === 'Vite' && OF_OPTIMIZER.test(stack)) return 'Vite optimized new dependencies'
  return `no file is named; sent by ${sender}`
}

/**
 * The package or file whose code sends. What only passes it on, ours and Vite's, is left out.
 *
 * @param {string} stack
 * @returns {string} Such as `vite-plugin-example`, `vite.config.js`; `Vite` if there is nobody else.
 */
function senderOf(stack) {
  for (const line of stack.split('\n').slice(1)) {
    const place = /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]+?):\d+:\d+\)?$/.exec(line)?.[1]
    if (!place) continue
    const file = place.startsWith('file:') ? fileURLToPath(place) : place
    if (file.startsWith(OURS)) continue
    const name = file.split(/[\\/]/).at(-1) ?? file
    const compiled = COMPILED.exec(name)
    if (compiled) return compiled[1]
    const owner = PACKAGE.exec(file)?.[1].replaceAll('\\', '/')
    if (owner === 'vite' || owner === 'vite-native-ws') continue
    return owner ?? name
  }
  return 'Vite'
}

module.exports = { describeCause, describeFullReload, senderOf }
