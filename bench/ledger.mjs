/**
 * Figures of a run: for each scenario, metric, case and server one value a round.
 *
 * @typedef {object} Metric
 * @property {string} name
 * @property {string} unit
 * @property {number} [digits]
 * @property {string[]} [columns] The servers, if it names no others.
 * @property {boolean} [moreIsBetter] As with a rate.
 * @property {boolean} [isDescriptive] Neither more nor less of it is better.
 * @property {[string, string][]} [compared] Pairs of columns whose ratio the table has.
 * @typedef {{ median: number, min: number, max: number, values: number[] }} Summary
 */
export class Ledger {
  constructor() {
    /** @type {Map<string, { metric: Metric, scenario: string, cases: Map<string, Map<string, number[]>> }>} */
    this.sheets = new Map()
    /** The name of the scenario that is played. */
    this.scenario = ''
    /** @type {string[]} */
    this.notes = []
    /** What could not be measured. The run goes on, and fails at its end. @type {string[]} */
    this.failures = []
  }

  /**
   * @param {Metric} metric Its name begins with the scenario's: `fan-out: last client`.
   * @param {string} label The case, such as `1000 × 150 B`.
   * @param {string} server
   * @param {number} value
   */
  add(metric, label, server, value) {
    if (!Number.isFinite(value)) return
    const sheet = this.sheets.get(metric.name) ?? {
      metric,
      scenario: this.scenario,
      cases: new Map(),
    }
    this.sheets.set(metric.name, sheet)
    const servers = sheet.cases.get(label) ?? new Map()
    sheet.cases.set(label, servers)
    servers.set(server, [...(servers.get(server) ?? []), value])
  }

  /** Something that the reader of the table should know. @param {string} line */
  note(line) {
    if (!this.notes.includes(line)) this.notes.push(line)
  }

  /** @param {string} what @param {Error} error */
  fail(what, error) {
    this.failures.push(what)
    this.note(`${what} was not measured: ${error.message.split('\n')[0]}`)
  }

  /** @returns {Summary | undefined} */
  summary(metric, label, server) {
    const values = this.sheets.get(metric)?.cases.get(label)?.get(server)
    return values && summarize(values)
  }

  /** The value of the last round. */
  last(metric, label, server) {
    return this.sheets.get(metric)?.cases.get(label)?.get(server)?.at(-1)
  }

  /** The median, where there is one. */
  median(metric, label, server) {
    return this.summary(metric, label, server)?.median
  }

  /** One server against another: the median of the rounds' ratios, as they ran side by side. */
  ratio(metric, label, server, other) {
    const servers = this.sheets.get(metric)?.cases.get(label)
    const [values, others] = [servers?.get(server), servers?.get(other)]
    if (!values || values.length !== others?.length) return undefined
    if (others.includes(0)) return undefined
    return median(values.map((value, round) => value / others[round]))
  }

  toJSON() {
    return {
      notes: this.notes,
      metrics: Array.from(this.sheets.values(), ({ metric, cases }) => ({
        ...metric,
        cases: Array.from(cases, ([label, servers]) => ({
          label,
          servers: Object.fromEntries(Array.from(servers, ([name, all]) => [name, summarize(all)])),
        })),
      })),
    }
  }
}

/** @param {number[]} values @returns {Summary} */
function summarize(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), values }
}

/** @param {number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** @param {number[]} values Sorted. @param {number} share 0.99 for p99. */
export function quantile(values, share) {
  return values[Math.min(values.length - 1, Math.floor(values.length * share))]
}

/** @param {number[]} values */
export function geometricMean(values) {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}
