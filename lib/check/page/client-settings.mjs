/**
 * Constants that Vite puts into its client when it serves it.
 *
 * @typedef {object} ClientSettings
 * @property {string | null} protocol `ws` or `wss`; null takes that of the page.
 * @property {string | null} hostname Null takes that of the page.
 * @property {number | string | null} port Null takes that of the page.
 * @property {string} path Of the socket: `base`, and the option `path`.
 * @property {string} directTarget Host, port and path of the second try, where `port` is null.
 * @property {string} base
 * @property {string} token
 */

const VALUE = '(null|\\d+|"(?:[^"\\\\]|\\\\.)*")'

/** The lines of Vite 5.4 to 8.3 (`client.ts`), which all have them alike. */
const LINES = {
  protocol: new RegExp(`const socketProtocol = ${VALUE} \\|\\|`),
  hostname: new RegExp(`const socketHost = \`\\$\\{${VALUE} \\|\\| importMetaUrl\\.hostname\\}`),
  port: new RegExp(`const hmrPort = ${VALUE};`),
  path: new RegExp(`importMetaUrl\\.port\\}\\$\\{${VALUE}\\}\``),
  directTarget: new RegExp(`const directSocketHost = ${VALUE};`),
  base: new RegExp(`const base(?:\\$1)? = ${VALUE} \\|\\|`),
  token: new RegExp(`const wsToken = ${VALUE};`),
}

/**
 * Settings of Vite's client, from its text as it is served.
 *
 * @param {string} text
 * @returns {ClientSettings | undefined} Undefined for any other text.
 */
export function readClientSettings(text) {
  /** @type {Record<string, any>} */
  const settings = {}
  for (const [name, line] of Object.entries(LINES)) {
    const value = line.exec(text)?.[1]
    if (value === undefined) return undefined
    settings[name] = JSON.parse(value)
  }
  return /** @type {any} */ (settings)
}
