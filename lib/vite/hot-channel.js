'use strict'

/** @typedef {import('./version.js').VersionTraits} VersionTraits */
/** @typedef {(data: any, client: any, invoke?: unknown) => unknown} CustomListener */
/** @typedef {{ added: [string, CustomListener][], removed: [string, CustomListener][] }} ListenerChanges */
/** @typedef {{ type: string, event?: string, data?: unknown, [key: string]: unknown }} Payload */

const TYPES_WITHOUT_HMR = ['connected', 'ping', 'custom', 'error']

/**
 * Custom events and `vite:invoke` of one server (Vite 8.3 `ws.ts` and `hmr.ts`,
 * `normalizeHotChannel`).
 */
class HotChannel {
  /**
   * @param {object} options
   * @param {Readonly<VersionTraits>} options.traits
   * @param {boolean} options.isHmrEnabled
   * @param {(event: string, isWanted: boolean) => void} options.onSubscription Called when the first
   *   listener of an event comes and when the last one goes.
   * @param {(event: string, error: unknown, client: any) => void} options.onFailure Called when a
   *   listener of Vite's own fails on what a client sent.
   */
  constructor({ traits, isHmrEnabled, onSubscription, onFailure }) {
    this.traits = traits
    this.isFiltered = traits.filterWithoutHmr && !isHmrEnabled
    this.onSubscription = onSubscription
    this.onFailure = onFailure
    /** @type {Map<string, Set<CustomListener>>} */
    this.listeners = new Map()
    /** @type {Record<string, (...args: any[]) => unknown> | undefined} */
    this.invokeHandlers = undefined
    /** @type {CustomListener | undefined} */
    this.invokeListener = undefined
    /** @type {ListenerChanges | undefined} While somebody wants to know. */
    this.changes = undefined
  }

  /**
   * @param {() => void} run
   * @returns {ListenerChanges} What was put on and taken off meanwhile.
   */
  watchListeners(run) {
    const changes = { added: [], removed: [] }
    this.changes = changes
    try {
      run()
    } finally {
      this.changes = undefined
    }
    return changes
  }

  /**
   * @param {string} event
   * @param {CustomListener} listener
   */
  on(event, listener) {
    const listeners = this.listeners.get(event) ?? new Set()
    this.listeners.set(event, listeners.add(listener))
    this.changes?.added.push([event, listener])
    if (listeners.size === 1) this.onSubscription(event, true)
  }

  /**
   * @param {string} event
   * @param {CustomListener} listener
   */
  off(event, listener) {
    const listeners = this.listeners.get(event)
    if (!listeners?.delete(listener)) return
    this.changes?.removed.push([event, listener])
    if (listeners.size === 0) this.onSubscription(event, false)
  }

  /**
   * Dispatches what a client sent, if it is a custom event. Anything else is ignored, as in Vite.
   *
   * @param {string} text
   * @param {() => object} getClient
   */
  receive(text, getClient) {
    let message
    try {
      message = JSON.parse(text)
    } catch {
      return
    }
    if (message?.type !== 'custom' || !message.event) return
    const { event, data, invoke } = message
    const isCore = typeof event === 'string' && event.startsWith('vite:')
    this.emit(event, data, getClient, { invoke, isGuarded: isCore })
  }

  /**
   * @param {string} event
   * @param {unknown} data
   * @param {() => object} getClient
   * @param {{ invoke?: unknown, isGuarded?: boolean }} [options]
   */
  emit(event, data, getClient, { invoke, isGuarded = false } = {}) {
    const listeners = this.listeners.get(event)
    if (!listeners?.size) return
    const client = getClient()
    const args = this.traits.invokeArgument ? [data, client, invoke] : [data, client]
    for (const listener of listeners) {
      if (isGuarded) this.callGuarded(event, listener, args)
      else Reflect.apply(listener, undefined, args)
    }
  }

  /**
   * Listeners of `vite:*` are Vite's: they trust the data of their own client, and any other
   * client could end the process with data of the wrong type. Ours does not let it.
   *
   * @param {string} event
   * @param {CustomListener} listener
   * @param {unknown[]} args
   */
  callGuarded(event, listener, args) {
    const fail = (/** @type {unknown} */ error) => this.onFailure(event, error, args[1])
    try {
      const result = /** @type {any} */ (Reflect.apply(listener, undefined, args))
      if (typeof result?.then === 'function') result.then(undefined, fail)
    } catch (error) {
      fail(error)
    }
  }

  /** @param {Record<string, (...args: any[]) => unknown> | undefined} handlers */
  setInvokeHandler(handlers) {
    this.invokeHandlers = handlers
    if (!handlers) {
      if (this.invokeListener) this.off('vite:invoke', this.invokeListener)
      return
    }
    this.invokeListener = async (payload, client) => {
      const id = payload.id.replace('send', 'response')
      const { name } = payload
      const result = await this.handleInvoke({
        type: 'custom',
        event: 'vite:invoke',
        data: payload,
      })
      client.send({ type: 'custom', event: 'vite:invoke', data: { name, id, data: result } })
    }
    this.on('vite:invoke', this.invokeListener)
  }

  /**
   * @param {{ data: any, [key: string]: unknown }} payload
   * @returns {Promise<{ result: unknown } | { error: object }>} An error is data, never thrown.
   */
  async handleInvoke(payload) {
    const { invokeHandlers } = this
    if (!invokeHandlers) return { error: transportError('invokeHandlers is not set') }
    const { name, data: args } = payload.data
    try {
      const invokeHandler = invokeHandlers[name]
      return { result: await invokeHandler(...args) }
    } catch (error) {
      const { name, message, stack } = /** @type {Error} */ (error)
      return { error: { name, message, stack, .../** @type {object} */ (error) } }
    }
  }

  /**
   * @param {unknown[]} args A payload, or an event and its data.
   * @returns {Payload | undefined} Undefined where `hmr: false` keeps it from being sent.
   */
  toSendable(args) {
    const payload = toPayload(args)
    const { type } = payload
    return this.isFiltered && !TYPES_WITHOUT_HMR.includes(type) ? undefined : payload
  }
}

/**
 * @param {unknown[]} args A payload, or an event and its data.
 * @returns {Payload}
 */
function toPayload(args) {
  const first = args[0]
  if (typeof first === 'string') return { type: 'custom', event: first, data: args[1] }
  return /** @type {Payload} */ (first)
}

/** @param {string} message */
function transportError(message) {
  return { name: 'TransportError', message, stack: new Error().stack }
}

module.exports = { HotChannel, toPayload, transportError }
