'use strict'

/** Longer payloads are not read for what they are about. */
const MAX_READ_LENGTH = 64 * 1024
const MAX_ABOUT_LENGTH = 120
const MAX_UPDATES = 3

/** The type and the event at the beginning of a payload, as `JSON.stringify` writes Vite's. */
const BEGINNING = /^\{"type":"([^"\\]{1,64})"(?:,"event":"([^"\\]{1,120})")?/

/**
 * Summary of a message of Vite's protocol, for people.
 *
 * @param {string} text
 * @returns {{ type: string, about: string }} Such as `update`, `/src/main.js`.
 */
function summarize(text) {
  const [, type, event] = BEGINNING.exec(text) ?? []
  if (type && type !== 'custom' && text.length > MAX_READ_LENGTH) return { type, about: '' }
  if (type === 'custom' && event) return { type, about: event }
  const payload = text.length > MAX_READ_LENGTH ? undefined : parse(text)
  if (typeof payload?.type !== 'string') return { type: type ?? 'text', about: '' }
  return { type: payload.type.slice(0, 64), about: about(payload).slice(0, MAX_ABOUT_LENGTH) }
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @param {any} payload */
function about({ type, event, path, paths, updates, err, triggeredBy }) {
  if (type === 'custom') return String(event)
  if (type === 'full-reload') return [path, triggeredBy].filter(Boolean).join(', ')
  if (type === 'prune' && Array.isArray(paths)) return paths.slice(0, MAX_UPDATES).join(', ')
  if (type === 'error') return String(err?.message ?? '').split('\n', 1)[0]
  if (type !== 'update' || !Array.isArray(updates)) return ''
  const names = updates.slice(0, MAX_UPDATES).map((update) => {
    return String(update?.acceptedPath ?? update?.path)
  })
  if (updates.length > MAX_UPDATES) names.push(`${updates.length - MAX_UPDATES} more`)
  return names.join(', ')
}

module.exports = { summarize }
