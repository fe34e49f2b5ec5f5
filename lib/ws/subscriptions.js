'use strict'

const constants = require('../native/constants.js')

/**
 * Events that the addon reports only on request, and the names of the requests.
 *
 * @type {Map<string | symbol, 'Messages' | 'Pings' | 'Pongs'>}
 */
const SUBSCRIPTION_OF_EVENT = new Map([
  ['message', 'Messages'],
  ['ping', 'Pings'],
  ['pong', 'Pongs'],
])

/** @param {string | symbol} event */
function needsSubscription(event) {
  return SUBSCRIPTION_OF_EVENT.has(event)
}

/**
 * The subscriptions that the listeners of a WebSocket need.
 *
 * @param {import('node:events').EventEmitter} emitter
 */
function subscriptionsOf(emitter) {
  let subscriptions = 0
  for (const [event, needed] of SUBSCRIPTION_OF_EVENT) {
    if (emitter.listenerCount(event) > 0) subscriptions |= constants.Subscription[needed]
  }
  return subscriptions
}

module.exports = { needsSubscription, subscriptionsOf }
