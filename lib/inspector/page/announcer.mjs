import { setText } from './rows.mjs'
import { isBadEntry } from './show.mjs'

/** Shortest time between two announcements, in milliseconds: a reader needs time for each. */
const PAUSE_MS = 2000

/** Says to screen readers what a look at the page would show: problems and reloads. */
export class Announcer {
  constructor(element) {
    this.element = element
    this.waiting = []
    this.timer = undefined
  }

  /** @param {any[]} entries New ones. */
  hear(entries) {
    const worth = entries.filter((entry) => isBadEntry(entry) || entry.type === 'reload')
    this.waiting.push(...worth)
    if (this.waiting.length > 0) this.timer ??= setTimeout(() => this.say(), 0)
  }

  say() {
    const { waiting } = this
    this.timer = undefined
    if (waiting.length === 0) return
    const { type, about, client } = waiting.at(-1)
    const more = waiting.length > 1 ? `, and ${waiting.length - 1} before it` : ''
    setText(this.element, `${type}${client ? `, client ${client}` : ''}: ${about}${more}`)
    this.waiting = []
    this.timer = setTimeout(() => this.say(), PAUSE_MS)
  }
}
