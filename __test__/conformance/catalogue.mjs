import closing from './closing.mjs'
import compression from './compression.mjs'
import fragmentation from './fragmentation.mjs'
import framing from './framing.mjs'
import limits from './limits.mjs'
import utf8 from './utf8.mjs'

export const SECTIONS = {
  1: 'Framing',
  2: 'Pings and pongs',
  3: 'Reserved bits',
  4: 'Opcodes',
  5: 'Fragmentation',
  6: 'UTF-8',
  7: 'Close handling',
  9: 'Limits and performance',
  10: 'Auto-fragmentation',
  12: 'Compression, not negotiated',
  13: 'Compression, not negotiated',
}

/** @type {import('./scenario.mjs').Scenario[]} */
export const CATALOGUE = [
  ...framing,
  ...fragmentation,
  ...utf8,
  ...closing,
  ...limits,
  ...compression,
]

/** @param {{ id: string }} scenario */
export const sectionOf = (scenario) => scenario.id.split('.')[0]

/**
 * @param {{ only?: string, quick?: boolean }} selection `only` is a number or the start of one
 */
export function select({ only, quick } = {}) {
  return CATALOGUE.filter(({ id, slow }) => {
    if (quick && slow) return false
    return !only || id === only || id.startsWith(only.endsWith('.') ? only : `${only}.`)
  })
}
