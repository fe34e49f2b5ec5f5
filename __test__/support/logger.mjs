import { stripVTControlCharacters } from 'node:util'

/** A Vite logger that keeps what it is given and prints nothing. */
export class KeptLog {
  entries = []
  #warned = new Set()

  constructor() {
    const write = (level) => (text) => {
      this.entries.push({ level, text: stripVTControlCharacters(String(text)) })
    }
    this.logger = {
      hasWarned: false,
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      warnOnce: (text) => {
        if (this.#warned.has(text)) return
        this.#warned.add(text)
        this.logger.warn(text)
      },
      clearScreen() {},
      hasErrorLogged: () => false,
    }
  }

  /** Warnings and errors. */
  get faults() {
    return this.entries.filter(({ level }) => level !== 'info').map(({ text }) => text)
  }

  lines(level, contains = '') {
    return this.entries
      .filter((entry) => (!level || entry.level === level) && entry.text.includes(contains))
      .map((entry) => entry.text)
  }
}
