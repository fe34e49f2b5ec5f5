'use strict'

const { EventEmitter } = require('node:events')
const { raiseBacklog } = require('../http/backlog.js')

/** @typedef {import('node:http').Server} Server */

/**
 * Stands in for Vite's HTTP server until a plugin can reach it: our server is made while Vite
 * makes its environments, and the HTTP server is handed out only later.
 */
class DeferredHttpServer extends EventEmitter {
  constructor() {
    super()
    /** @type {Server | undefined} */
    this.server = undefined
    this.forward = this.forward.bind(this)
  }

  get listening() {
    return this.server?.listening ?? false
  }

  /** @param {Server} server */
  attach(server) {
    this.server = server
    // Only while somebody listens here, so that the last listener's leaving takes ours along.
    if (this.listenerCount('upgrade') === 0) return
    server.on('upgrade', this.forward)
    raiseBacklog(server)
  }

  /** @param {unknown[]} args */
  forward(...args) {
    this.emit('upgrade', ...args)
  }

  /**
   * The listeners beside us on the server that this stands for.
   *
   * @param {string} event
   */
  listeners(event) {
    const listeners = this.server?.listeners(event) ?? []
    return listeners.filter((listener) => listener !== this.forward)
  }

  /**
   * @param {string} event
   * @param {(...args: any[]) => void} listener
   */
  off(event, listener) {
    super.off(event, listener)
    if (this.listenerCount('upgrade') === 0) this.server?.off('upgrade', this.forward)
    return this
  }
}

module.exports = { DeferredHttpServer }
