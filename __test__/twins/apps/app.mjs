// What an app is to this suite: files that depend on one number for each thing that can be edited.

/**
 * @typedef {object} Slot Something in an app that an edit changes, and that its page then shows.
 * @property {string} file
 * @property {boolean} [reloads] A page that was never away is reloaded by such an edit.
 * @property {string} [after] The slot of the same component that is edited before it, in a sequence.
 *
 * @typedef {object} State
 * @property {Record<string, number>} values By slot.
 * @property {string} [broken] The file with a syntax error in it.
 *
 * @typedef {object} App
 * @property {string} name
 * @property {string} packages A folder in `packages/`.
 * @property {string[]} command
 * @property {string} [path] Of the page.
 * @property {boolean} [isRendered] By the server, so that it shows everything before it can be updated.
 * @property {boolean} [keeps] `false`: the mode is left to Vite, which reloads after every outage.
 * @property {Record<string, Slot>} slots
 * @property {Record<string, (text: string) => string>} breaks How a file is given a syntax error.
 * @property {(values: Record<string, string>) => Record<string, string>} source The files, with what
 *   each slot shows.
 */

/** @param {string} slot @param {number} value */
export function mark(slot, value) {
  return `[${slot} ${value}]`
}

/** @param {App} app @returns {State} */
export function initialState(app) {
  return { values: Object.fromEntries(Object.keys(app.slots).map((slot) => [slot, 1])) }
}

/** @param {App} app @param {State} state @returns {Record<string, string>} */
export function filesOf(app, { values, broken }) {
  const shown = Object.fromEntries(
    Object.entries(values).map(([slot, value]) => [slot, mark(slot, value)]),
  )
  const files = app.source(shown)
  if (broken) files[broken] = app.breaks[broken](files[broken])
  return files
}

/** The start of a configuration file. */
export function configuration({ imports = '', plugins = '', rest = '' }) {
  return `import { twins } from ${JSON.stringify(new URL('../plugins.mjs', import.meta.url).pathname)}
${imports}
export default {
  plugins: [${plugins}...twins()],
  ${rest}
}
`
}

export const VITE = ['vite/bin/vite.js']

/** An element that shows what a style sheet says. */
export const LOOK = '<i class="look"></i>'

/** @param {string} selector @param {string} shown */
export const rule = (selector, shown) => `${selector}::after { content: '${shown}' }\n`

export const openBracket = (text) => `${text}\nconst broken = {\n`

/** @param {string} body @param {string} shown */
export const page = (body, shown) => `<!doctype html>
<html><head><link rel="icon" href="data:,"><title>twins</title></head>
<body><h1>${shown}</h1>${body}
<script type="module" src="/main.js"></script></body></html>
`
