import { casesOf, meanOf, quotient, target, worstOf } from './target.mjs'

const FREE = 'fan-out: main thread until free again'
const FLOOR = `${FREE}, of ours, beside the floor`
const LAST = 'fan-out: last client has it'
const ALONE = 'all cores for the server: data with the last client'
const RATE = 'messages: heard per second'
const MAIN = 'messages: CPU of the main thread per message'
const UPGRADES = 'upgrades: per second'
const UPGRADE_CPU = 'upgrades: CPU of the whole process for each'
const IDLE = 'idle: CPU of the whole process, above that without clients'
const AGAIN = 'reset and again: until all are back and the old ones gone'
const NUMBERED = 'reconnect on and off: '
/** What noise makes of nothing. */
const NOTHING = 1.05

/**
 * What a message, a connection and a payload may cost.
 *
 * @param {import('./ledger.mjs').Ledger} ledger
 * @returns {import('./target.mjs').Target[]}
 */
export function costTargets(ledger) {
  const ours = (other) => (metric) => (label) => ledger.ratio(metric, label, 'ours', other)
  const [vite, raw, bun] = ['vite', 'raw', 'bun'].map(ours)
  const theirs = (metric) => (label) => ledger.ratio(metric, label, 'vite', 'ours')
  const worst = (metric, read, isMeant = () => true) =>
    worstOf(casesOf(ledger, metric).filter(isMeant), read(metric))
  const isOneCore = (label) => label.endsWith('one core')
  const isFree = (label) => label.endsWith('cores free')
  const isOfTen = (label) => label.startsWith('10 ×')
  const beside = (label) => {
    const floor = ledger.median(FLOOR, label, 'floor')
    const write = label.startsWith('1 ×') ? ledger.median(FLOOR, label, 'one write') : 0
    const least = floor === undefined || write === undefined ? undefined : floor + write
    return quotient(ledger.median(FLOOR, label, 'ours'), least)
  }
  const allCores = casesOf(ledger, ALONE)
  return [
    target("messages a second, one core, Vite's of ours, worst", 1, worst(RATE, theirs, isOneCore)),
    target('main thread per message, one core, worst, of Vite', 0.8, worst(MAIN, vite, isOneCore)),
    target('main thread per message, cores free, worst, of Vite', 0.5, worst(MAIN, vite, isFree)),
    target("upgrades a second, Vite's of ours, worst", 1 / 1.5, worst(UPGRADES, theirs)),
    target('CPU per upgrade, worst, of Vite', 0.7, worst(UPGRADE_CPU, vite)),
    target(
      'CPU of idle connections, ms a second',
      0.2,
      worst(IDLE, (metric) => (label) => ledger.median(metric, label, 'ours')),
    ),
    target('reset and again, worst, of Vite', 1 / 3, worst(AGAIN, vite)),
    target('main thread per send, 1 × 64 KiB, of Vite', 0.7, vite(FREE)('1 × 64 KiB')),
    target('… of its floor and one write', 1.25, beside('1 × 64 KiB')),
    target('main thread per send, 1000 × 64 KiB, of its floor', 1.25, beside('1000 × 64 KiB')),
    target('last client, 1 × 150 B, of Bun', 1, bun(LAST)('1 × 150 B')),
    target('last client, 10 tabs up to 64 KiB, worst, of raw', 1.9, worst(LAST, raw, isOfTen)),
    target('last client with all cores, n = 100, of raw', 1.1, raw(ALONE)('100 × 150 B')),
    target(
      'last client with all cores, n from 100 to 5000, mean of raw',
      0.75,
      meanOf(allCores.map(raw(ALONE))),
    ),
    ...['main thread inside send()', 'last client has it', 'CPU of the whole process per send'].map(
      (name) => target(`reconnect on, of off, worst: ${name}`, NOTHING, onOfOff(ledger, name)),
    ),
  ]
}

function onOfOff(ledger, name) {
  const metric = NUMBERED + name
  const ratio = (label) => ledger.ratio(metric, label, 'ours-pages', 'ours-off')
  return worstOf(casesOf(ledger, metric), ratio)
}
