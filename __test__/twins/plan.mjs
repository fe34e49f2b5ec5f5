// What happens in an episode, decided by its seed alone.
import { Random } from '../reconnect/random.mjs'

/**
 * @typedef {{ kind: 'bump', slot: string } | { kind: 'break', file: string }
 *   | { kind: 'mend', slot?: string }} Step
 *
 * @typedef {object} Plan
 * @property {number} seed
 * @property {boolean} isSingle One tab and one edit: what was typed into a form is to be kept.
 * @property {string} outage
 * @property {Step | undefined} warmUp An edit that both tabs take before.
 * @property {Step[]} edits
 * @property {string} after The slot of the last edit: the tab still takes what is new.
 * @property {number} before Milliseconds from the edit before to the outage.
 * @property {number} rest Milliseconds from the last edit to its end.
 * @property {number} block Milliseconds for which JavaScript is held, in the outage `busy`.
 * @property {number} bytes Of an answer that go through, in the outage `mid-fetch`.
 * @property {boolean} isCut In `busy`: the connection is cut as well.
 * @property {boolean} isRoaming In `half-open`: another network, and the old one stays silent.
 */

/** How often each outage comes, with two tabs and with one. */
const WEIGHTS = {
  both: [3, 6],
  socket: [3, 6],
  'half-open': [2, 4],
  'http-dead': [3, 1],
  'other-fetching': [3, 0],
  'mid-fetch': [2, 1],
  busy: [2, 4],
  restart: [2, 4],
  loading: [1, 0],
}

export const OUTAGE_KINDS = Object.keys(WEIGHTS)

/**
 * @param {number} seed
 * @param {import('./apps/app.mjs').App} app
 * @param {{ outage?: string, isSingle?: boolean }} [wanted] Instead of what the seed decides.
 * @returns {Plan}
 */
export function planOf(seed, app, wanted = {}) {
  const random = new Random(seed * 7919 + 17)
  // Neighbouring seeds begin alike.
  for (let skipped = 0; skipped < 4; skipped += 1) random.next()
  const drawn = random.chance(0.3)
  const isSingle = wanted.isSingle ?? drawn
  const outage = weighted(random, isSingle ? 1 : 0)
  const steps = isSingle ? [bump(random, quiet(app))] : edits(random, app)
  return {
    seed,
    isSingle,
    outage: wanted.outage ?? outage,
    warmUp: random.chance(0.6) ? warmUp(random, app, steps[0]) : undefined,
    before: random.between(0, 200),
    rest: random.between(0, 800),
    block: random.between(800, 3_000),
    bytes: random.pick([0, 1, 100, 1_000]),
    isCut: random.chance(0.6),
    isRoaming: random.chance(0.4),
    after: random.pick(quiet(app)),
    edits: steps,
  }
}

/** Often of the file that is edited next: what a page has had of it decides what it is sent. */
function warmUp(random, app, { slot }) {
  const same = quiet(app).filter((one) => app.slots[one].file === app.slots[slot]?.file)
  return bump(random, same.length > 0 && random.chance(0.6) ? same : quiet(app))
}

function weighted(random, column) {
  const all = Object.entries(WEIGHTS).flatMap(([kind, weights]) =>
    Array.from({ length: weights[column] }, () => kind),
  )
  return random.pick(all)
}

const quiet = ({ slots }) => Object.keys(slots).filter((slot) => !slots[slot].reloads)

const bump = (random, slots) => ({ kind: 'bump', slot: random.pick(slots) })

function edits(random, app) {
  const groups = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => group(random, app))
  const steps = groups.flat()
  // An error that is left stands last: nothing else of the file could be seen.
  const left = steps.findIndex(({ kind, isLeft }) => kind === 'break' && isLeft)
  const kept = left < 0 ? steps : steps.slice(0, left + 1)
  return kept.map(({ isLeft, ...step }) => step)
}

function group(random, app) {
  const { slots, breaks } = app
  const chance = random.next()
  const sequences = Object.keys(slots).filter((slot) => slots[slot].after)
  if (chance < 0.3 && sequences.length > 0) {
    const slot = random.pick(sequences)
    return [
      { kind: 'bump', slot: slots[slot].after },
      { kind: 'bump', slot },
    ]
  }
  if (chance < 0.45) {
    const step = bump(random, quiet(app))
    return Array.from({ length: random.between(2, 4) }, () => step)
  }
  if (chance < 0.65 && Object.keys(breaks).length > 0) {
    const file = random.pick(Object.keys(breaks))
    if (random.chance(0.25)) return [{ kind: 'break', file, isLeft: true }]
    const inFile = Object.keys(slots).filter((slot) => slots[slot].file === file)
    return [
      { kind: 'break', file },
      { kind: 'mend', slot: random.chance(0.6) ? random.pick(inFile) : undefined },
    ]
  }
  if (chance < 0.75) {
    const reloading = Object.keys(slots).filter((slot) => slots[slot].reloads)
    if (reloading.length > 0) return [bump(random, reloading)]
  }
  return [bump(random, quiet(app))]
}

/** @param {Plan} plan */
export function describePlan({ isSingle, outage, warmUp, edits: steps, ...rest }) {
  const words = (step) => `${step.kind} ${step.slot ?? step.file ?? ''}`.trim()
  const { before, rest: after, block, bytes, isCut, isRoaming } = rest
  const details = {
    busy: `${block} ms${isCut ? ', cut as well' : ''}`,
    'mid-fetch': `after ${bytes} bytes`,
    'half-open': isRoaming ? 'and another network' : 'and reset in the end',
  }
  return {
    tabs: isSingle ? 'one' : 'two',
    outage: outage in details ? `${outage} (${details[outage]})` : outage,
    edits: [
      ...(warmUp ? [`before: ${words(warmUp)}`] : []),
      ...steps.map(words),
      `afterwards: bump ${rest.after}`,
    ],
    pauses: `${before} ms, ${after} ms`,
  }
}
