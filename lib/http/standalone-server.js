'use strict'

const http = require('node:http')
const https = require('node:https')
const { red } = require('../logger.js')

/**
 * The HTTP server behind a port of our own. A request that does not upgrade gets Vite's 426.
 *
 * @param {import('node:https').ServerOptions | undefined} httpsOptions
 * @returns {import('node:http').Server}
 */
function createStandaloneServer(httpsOptions) {
  /** @type {import('node:http').RequestListener} */
  const requireUpgrade = (_, response) => {
    const body = http.STATUS_CODES[426] ?? ''
    response.writeHead(426, { 'Content-Length': body.length, 'Content-Type': 'text/plain' })
    response.end(body)
  }
  if (httpsOptions) return https.createServer(httpsOptions, requireUpgrade)
  return http.createServer(requireUpgrade)
}

/**
 * Logs an error of a server as Vite does (8.3 `ws.ts`).
 *
 * @param {import('../logger.js').Logger} logger
 * @param {NodeJS.ErrnoException & { port?: number }} error
 * @param {{ portInUse: boolean }} traits
 */
function logServerError(logger, error, traits) {
  const port = traits.portInUse ? `Port ${error.port}` : 'Port'
  const text =
    error.code === 'EADDRINUSE'
      ? `WebSocket server error: ${port} is already in use`
      : `WebSocket server error:\n${error.stack || error.message}`
  logger.error(red(text), { error })
}

/**
 * @param {import('node:http').Server} server
 * @returns {Promise<void>}
 */
function closeServer(server) {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
  })
}

module.exports = { closeServer, createStandaloneServer, logServerError }
