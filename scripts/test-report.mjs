// A report of `node --test` without a terminal: one line for each file, failures in full.
import { relative } from 'node:path'

/** Characters of standard error that are shown of a file that failed. */
const MOST_STDERR = 4_000

/** One test file, as far as its tests have ended. */
class FileReport {
  passed = 0
  skipped = []
  failures = []
  milliseconds = 0
  /** What the file wrote to standard error, which says why it ended early. */
  stderr = ''

  /** @param {string} name */
  constructor(name) {
    this.name = name
  }

  /** @param {boolean} isPass @param {any} test */
  add(isPass, { name, nesting, details, skip, todo }) {
    if (nesting === 0) this.milliseconds += details.duration_ms
    if (skip !== undefined || todo !== undefined) return this.skipped.push(name)
    // A suite fails with its tests, each of which is reported by itself.
    const isByPart = details.error?.failureType === 'subtestsFailed'
    if (isPass) this.passed += details.type === 'suite' ? 0 : 1
    else if (!isByPart) this.failures.push(`${name}\n${describe(details.error)}`)
  }

  *lines() {
    const failed = this.failures.length
    const counts = [`${this.passed} passed`, failed > 0 && `${failed} failed`]
    if (this.skipped.length > 0) counts.push(`${this.skipped.length} skipped`)
    const seconds = (this.milliseconds / 1000).toFixed(1)
    const isOk = failed === 0
    yield `${isOk ? 'ok    ' : 'FAILED'} ${this.name}: ${counts.filter(Boolean).join(', ')} (${seconds} s)\n`
    for (const name of this.skipped) yield `  skipped: ${name}\n`
    for (const failure of this.failures) yield `${indent(failure)}\n`
    if (!isOk && this.stderr) yield `${indent(this.stderr.slice(-MOST_STDERR))}\n`
  }
}

/** @param {any} error */
function describe(error) {
  const cause = error?.cause ?? error
  return String(cause?.stack ?? cause?.message ?? cause)
}

/** @param {string} text */
function indent(text) {
  return text.replace(/^/gm, '  ')
}

class Report {
  /** @type {Map<string, FileReport>} */
  files = new Map()

  /** @param {{ file?: string, name?: string }} test */
  fileOf({ file, name = '' }) {
    const path = relative(process.cwd(), file ?? name)
    const known = this.files.get(path) ?? new FileReport(path)
    this.files.set(path, known)
    return known
  }

  *summary() {
    const files = [...this.files.values()]
    const passed = files.reduce((sum, file) => sum + file.passed, 0)
    yield `${passed} tests passed, in ${files.length} files\n`
    for (const { name, failures } of files) if (failures.length > 0) yield `FAILED ${name}\n`
  }
}

/** @param {AsyncIterable<any>} source Of `node --test`, with one file at a time. */
export default async function* report(source) {
  const whole = new Report()
  /** @type {FileReport | undefined} */
  let current
  for await (const { type, data } of source) {
    if (type === 'test:stderr') whole.fileOf(data).stderr += data.message
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const file = whole.fileOf(data)
    if (current && current !== file) yield* current.lines()
    current = file
    file.add(type === 'test:pass', data)
  }
  if (current) yield* current.lines()
  yield* whole.summary()
}
