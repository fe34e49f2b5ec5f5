'use strict'

/** @typedef {import('../vite/hot-channel.js').Payload} Payload */
/**
 * A module that was updated, by its id without a query.
 *
 * @typedef {object} UpdatedModule
 * @property {number} sequence The number of its last update.
 * @property {boolean} isCompiled Whether it was compiled since.
 */

/** Modules that are remembered. */
const MAX_MODULES = 10_000
/** Compilations and changes that are remembered: they may be older than their update. */
const MAX_RECENT = 512

/**
 * Which updates a page has to have fetched at their time. Plugins compile relative to what was
 * compiled last ("render only", says plugin-vue): what a page is served that missed an update, and
 * that somebody else fetched meanwhile, is made for a state that this page never had.
 */
class UpdateHistory {
  /** @param {string} [root] Of the project, with `/` in between, as Vite has it. */
  constructor(root = '') {
    this.root = root.replace(/\/$/, '')
    /** @type {Map<string, UpdatedModule>} */
    this.modules = new Map()
    /** @type {Map<string, number>} When a module was compiled; the last one comes last. */
    this.compiled = new Map()
    /** @type {Map<number, Set<string>>} The files that changed, by the timestamp of their updates. */
    this.changed = new Map()
    /** The highest number of an update that was compiled for somebody and then followed by another. */
    this.superseded = 0
  }

  /**
   * A file has changed; the updates that come of it carry the timestamp.
   *
   * @param {string} file
   * @param {number} timestamp
   */
  onChanged(file, timestamp) {
    const files = this.changed.get(timestamp) ?? new Set()
    this.changed.set(timestamp, files.add(file))
    dropOldest(this.changed)
  }

  /**
   * A module is compiled, for any environment.
   *
   * @param {string} id
   * @param {number} [now]
   */
  onCompiled(id, now = Date.now()) {
    const name = withoutQuery(id)
    this.compiled.delete(name)
    this.compiled.set(name, now)
    dropOldest(this.compiled)
    const known = this.modules.get(name)
    if (known) known.isCompiled = true
  }

  /**
   * An update has been sent.
   *
   * @param {Payload} payload
   * @param {number} sequence
   */
  onSent({ type, updates }, sequence) {
    if (type !== 'update' || !Array.isArray(updates)) return
    for (const { path, acceptedPath, timestamp } of updates) {
      const ids = [path, acceptedPath].filter((url) => typeof url === 'string')
      const names = new Set(ids.map((url) => this.idOf(url)))
      for (const file of this.changed.get(timestamp) ?? []) names.add(file)
      for (const name of names) this.note(name, sequence, timestamp)
    }
  }

  /**
   * @param {string} name
   * @param {number} sequence
   * @param {number} timestamp When the change was noticed, in milliseconds since 1970.
   */
  note(name, sequence, timestamp) {
    const known = this.modules.get(name)
    if (known?.sequence === sequence) return
    if (known?.isCompiled) this.supersede(known)
    // Somebody may have asked for it between the change and this.
    const isCompiled = (this.compiled.get(name) ?? 0) >= timestamp
    this.modules.delete(name)
    this.modules.set(name, { sequence, isCompiled })
    if (this.modules.size <= MAX_MODULES) return
    const [[oldest, forgotten]] = this.modules
    this.modules.delete(oldest)
    this.supersede(forgotten)
  }

  /** @param {UpdatedModule} module */
  supersede({ sequence }) {
    this.superseded = Math.max(this.superseded, sequence)
  }

  /**
   * @param {number} applied The number up to which a page has fetched every update.
   * @returns {boolean} Whether all that it fetches from now on is made for a state that it has had.
   */
  allows(applied) {
    return this.superseded <= applied
  }

  /**
   * The id of the module behind a URL in an update (Vite 8.3 `utils.ts`, `unwrapId`, and
   * `transformRequest`): relative to the root, with its path behind `/@fs`, or virtual.
   *
   * @param {string} url
   */
  idOf(url) {
    const path = withoutQuery(url)
    if (path.startsWith('/@id/')) return path.slice(5).replace('__x00__', '\0')
    if (path.startsWith('/@fs/')) return path.slice(/^\/@fs\/[A-Za-z]:/.test(path) ? 5 : 4)
    return `${this.root}${path}`
  }
}

/** @param {string} text */
function withoutQuery(text) {
  return text.replace(/[?#].*$/, '')
}

/** @param {Map<any, any>} map */
function dropOldest(map) {
  if (map.size > MAX_RECENT) map.delete(map.keys().next().value)
}

module.exports = { UpdateHistory }
