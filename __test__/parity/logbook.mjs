import { stripVTControlCharacters } from 'node:util'

/** A Vite logger that keeps what it is told. */
export class Logbook {
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

  lines(level, contains = '') {
    return this.entries
      .filter((entry) => (!level || entry.level === level) && entry.text.includes(contains))
      .map((entry) => entry.text)
  }
}
