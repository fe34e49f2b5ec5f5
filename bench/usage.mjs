import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * CPU time of a process, by thread, in nanoseconds. Exact for threads that sleep.
 *
 * @param {number} pid
 * @returns {{ main: number, io: number, other: number }} `io` are this package's own threads.
 */
export function cpuTime(pid) {
  const time = { main: 0, io: 0, other: 0 }
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    const task = `/proc/${pid}/task/${tid}`
    const [spent] = readFileSync(`${task}/schedstat`, 'utf8').split(' ')
    time[kindOf(tid, pid, task)] += Number(spent)
  }
  return time
}

function kindOf(tid, pid, task) {
  if (Number(tid) === pid) return 'main'
  return readFileSync(`${task}/comm`, 'utf8').startsWith('vite-native-ws') ? 'io' : 'other'
}

/** What was used between two readings. */
export function difference(after, before) {
  return Object.fromEntries(Object.keys(after).map((key) => [key, after[key] - before[key]]))
}

/** Resident bytes. @param {number} pid */
export function residentBytes(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(kilobytes) * 1024
}

/** The most that was resident since {@link forgetPeak}, in bytes. @param {number} pid */
export function peakBytes(pid) {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(kilobytes) * 1024
}

/** @param {number} pid */
export function forgetPeak(pid) {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}
