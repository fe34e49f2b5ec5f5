'use strict'

/**
 * The event classes that `addEventListener` and `on*` of `ws` hand out (`ws` 8.23
 * `event-target.js`, `doc/ws.md`).
 */

const { makeGettersEnumerable } = require('./enumerable.js')

const kTarget = Symbol('target')
const kHandler = Symbol('handler')
const kForOnEventAttribute = Symbol('on-attribute')

class Event {
  #type

  /** @param {string} type */
  constructor(type) {
    this.#type = type
    /** @type {unknown} */
    this[kTarget] = null
  }

  get target() {
    return this[kTarget]
  }

  get type() {
    return this.#type
  }
}

class CloseEvent extends Event {
  #fields

  /**
   * @param {string} type
   * @param {{ code?: number, reason?: string, wasClean?: boolean }} [fields]
   */
  constructor(type, { code = 0, reason = '', wasClean = false } = {}) {
    super(type)
    this.#fields = { code, reason, wasClean }
  }

  get code() {
    return this.#fields.code
  }

  get reason() {
    return this.#fields.reason
  }

  get wasClean() {
    return this.#fields.wasClean
  }
}

class ErrorEvent extends Event {
  #fields

  /**
   * @param {string} type
   * @param {{ error?: unknown, message?: string }} [fields]
   */
  constructor(type, { error = null, message = '' } = {}) {
    super(type)
    this.#fields = { error, message }
  }

  get error() {
    return this.#fields.error
  }

  get message() {
    return this.#fields.message
  }
}

class MessageEvent extends Event {
  #data

  /**
   * @param {string} type
   * @param {{ data?: unknown }} [fields]
   */
  constructor(type, { data = null } = {}) {
    super(type)
    this.#data = data
  }

  get data() {
    return this.#data
  }
}

for (const { prototype } of [Event, CloseEvent, ErrorEvent, MessageEvent]) {
  makeGettersEnumerable(prototype)
}

/** How the arguments of an emitted event become an event object. */
const eventFactories = {
  open: () => new Event('open'),
  /**
   * @param {Buffer} data
   * @param {boolean} isBinary
   */
  message: (data, isBinary) =>
    new MessageEvent('message', { data: isBinary ? data : String(data) }),
  /**
   * @this {{ _closeFrameReceived: boolean, _closeFrameSent: boolean }}
   * @param {number} code
   * @param {Buffer} reason
   */
  close(code, reason) {
    const wasClean = this._closeFrameReceived && this._closeFrameSent
    return new CloseEvent('close', { code, reason: String(reason), wasClean })
  },
  /** @param {Error} error */
  error: (error) => new ErrorEvent('error', { error, message: error.message }),
}

/**
 * Wraps a DOM-style listener for use with an EventEmitter.
 *
 * @param {string} type
 * @param {Function | { handleEvent(event: Event): void }} handler
 * @returns {((this: any, ...args: any[]) => void) | undefined} Undefined for a type that no
 *   WebSocket dispatches.
 */
function toListener(type, handler) {
  if (!Object.hasOwn(eventFactories, type)) return undefined
  const create = eventFactories[/** @type {keyof typeof eventFactories} */ (type)]
  return function dispatch(...args) {
    const event = Reflect.apply(create, this, args)
    event[kTarget] = this
    if (typeof handler === 'object' && handler.handleEvent) handler.handleEvent(event)
    else Reflect.apply(/** @type {Function} */ (handler), this, [event])
  }
}

/**
 * Gives an emitter `addEventListener`, `removeEventListener` and the `on*` attributes.
 *
 * @param {any} prototype
 */
function addEventTarget(prototype) {
  Object.assign(prototype, { addEventListener, removeEventListener })
  for (const type of Object.keys(eventFactories)) {
    Object.defineProperty(prototype, `on${type}`, {
      enumerable: true,
      configurable: true,
      get() {
        return find(this, type)?.[kHandler] ?? null
      },
      set(handler) {
        const listener = find(this, type)
        if (listener) this.removeListener(type, listener)
        if (typeof handler !== 'function') return
        this.addEventListener(type, handler, { [kForOnEventAttribute]: true })
      },
    })
  }
}

/**
 * @this {any}
 * @param {string} type
 * @param {Function | { handleEvent(event: Event): void }} handler
 * @param {{ once?: boolean, [kForOnEventAttribute]?: boolean }} [options]
 */
function addEventListener(type, handler, options = {}) {
  const isAttribute = Boolean(options[kForOnEventAttribute])
  if (!isAttribute && find(this, type, handler)) return
  const listener = toListener(type, handler)
  if (!listener) return
  Object.assign(listener, { [kHandler]: handler, [kForOnEventAttribute]: isAttribute })
  if (options.once) this.once(type, listener)
  else this.on(type, listener)
}

/**
 * @this {any}
 * @param {string} type
 * @param {unknown} handler
 */
function removeEventListener(type, handler) {
  const isMeant = (/** @type {any} */ listener) =>
    !listener[kForOnEventAttribute] && listener[kHandler] === handler
  const listener = this.listeners(type).find(isMeant)
  if (listener) this.removeListener(type, listener)
}

/**
 * The listener that was added for a handler; without one, that behind the `on*` attribute.
 *
 * @param {import('node:events').EventEmitter} emitter
 * @param {string} type
 * @param {unknown} [handler]
 * @returns {any}
 */
function find(emitter, type, handler) {
  return emitter.listeners(type).find((/** @type {any} */ listener) => {
    const isAttribute = Boolean(listener[kForOnEventAttribute])
    return handler === undefined ? isAttribute : !isAttribute && listener[kHandler] === handler
  })
}

module.exports = { addEventTarget }
