import closes from './cases/closes.mjs'
import drips from './cases/drips.mjs'
import floods from './cases/floods.mjs'
import frames from './cases/frames.mjs'
import handshakes from './cases/handshakes.mjs'
import invocations from './cases/invocations.mjs'
import lengths from './cases/lengths.mjs'
import origins from './cases/origins.mjs'
import payloads from './cases/payloads.mjs'
import requests from './cases/requests.mjs'
import resets from './cases/resets.mjs'
import texts from './cases/texts.mjs'
import truncations from './cases/truncations.mjs'

/** @type {import('./exchange.mjs').Case[]} */
export const CATALOGUE = [
  ...handshakes,
  ...requests,
  ...origins,
  ...frames,
  ...lengths,
  ...closes,
  ...texts,
  ...truncations,
  ...payloads,
  ...invocations,
  ...resets,
  ...drips,
  ...floods,
]

export const groupOf = ({ id }) => id.split('/')[0]

/**
 * @param {string} glob `*` stands for any run of characters
 * @param {string} id
 */
export function covers(glob, id) {
  const pattern = glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${pattern}$`).test(id)
}

/** @param {string} [glob] */
export const select = (glob) => CATALOGUE.filter(({ id }) => !glob || covers(glob, id))
