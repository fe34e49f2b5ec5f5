'use strict'

const { EventEmitter } = require('node:events')
const { raiseBacklog } = require('../http/backlog.js')
const { beginToLook, endToLook } = require('../http/first-look.js')

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
    // Vite's own listener stands before those of plugins too.
    server.prependListener('upgrade', this.forward)
    beginToLook(server, this.forward)
    raiseBacklog(server)
  }

  /** @param {unknown[]} args */
  forward(...args) {
    this.emit('upgrade', ...args)
  }

  /**
   * All listeners of the server that this stands for, ours in the place of what forwards to them.
   *
   * @param {string} event
   */
  listeners(event) {
    const listeners = this.server?.listeners(event) ?? []
    const place = listeners.indexOf(this.forward)
    if (place >= 0) listeners.splice(place, 1, ...super.listeners(event))
    return listeners
  }

  /**
   * @param {string} event
   * @param {(...args: any[]) => void} listener
   */
  off(event, listener) {
    super.off(event, listener)
    const { server } = this
    if (!server || event !== 'upgrade' || this.listenerCount('upgrade') > 0) return this
    if (!server.listeners('upgrade').includes(this.forward)) return this
    server.off('upgrade', this.forward)
    endToLook(server)
    return this
  }
}

module.exports = { DeferredHttpServer }
