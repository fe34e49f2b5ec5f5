// One outage of one tab, from two tabs that show the same to two tabs that show the same.
import { setTimeout as delay } from 'node:timers/promises'
import { mark } from './apps/app.mjs'
import { OUTAGES } from './outages.mjs'
import { describePlan, planOf } from './plan.mjs'
import { difference } from './snapshot.mjs'

const TAKEN_MS = 30_000
/** At the deadline a tab that still changes is given time, on a busy machine: so much in all. */
const CHANGING_MS = 4_000
const LAST_MS = 60_000
/** The same twice, this far apart, with nothing loaded in between. */
const STEADY_MS = 300
/** A page that a broken load has left without a client: its developer reloads it. */
const STRANDED_MS = 4_000
const POLL_MS = 40

/**
 * @typedef {object} Outcome
 * @property {'right' | 'as vite' | 'stale' | 'deaf' | 'reloads' | 'unclear' | 'failed'} verdict
 *   `deaf`: it took no edit afterwards. `unclear`: the framework did not show an edit in the other tab
 *   either. `as vite`: the tabs end different with Vite's own server, too.
 * @property {string} [own] The verdict on ours, of one that is `as vite`.
 * @property {boolean} [isKept] What was typed, with one tab.
 * @property {number} reloads Of the tab that was cut.
 * @property {boolean} isHelped Its load was broken, and a developer had to reload it.
 * @property {number} milliseconds
 * @property {object} story For a report.
 */

export class Episode {
  #isHelped = false
  #isStrandedSince = 0
  #isOnline = true
  /** Reloads of the tab that are right: one for the outage, and those that the server asked for. */
  #allowed = 1
  #checks = []

  /** @param {import('./stage.mjs').Stage} stage @param {number} seed */
  constructor(stage, seed, wanted) {
    this.stage = stage
    this.plan = planOf(seed, stage.app, wanted)
    ;[this.left, this.stayed] = this.plan.isSingle
      ? [stage.left, stage.left]
      : [stage.left, stage.stayed]
    this.tabs = [...new Set([this.left, this.stayed])]
  }

  /** @returns {Promise<Outcome>} */
  async play() {
    const { plan, stage, left, stayed } = this
    const started = performance.now()
    await this.#begin()
    await OUTAGES[plan.outage]({
      plan,
      left,
      stayed,
      server: stage.server,
      comesBack: stage.engine === 'native' && stage.app.keeps !== false,
      write: (step) => this.#write(step),
      taken: () => this.#taken(),
      offline: () => {
        this.#isOnline = false
      },
      online: () => {
        this.#isOnline = true
      },
    })
    this.#isOnline = true
    const stale = await this.#settle()
    const isKept = plan.isSingle && stage.app.keeps !== false ? await left.isKept() : undefined
    const deaf = stale ?? (await this.#lateEdit())
    const reloads = left.loads - 1
    const isMore = reloads > this.#allowed
    const verdict = stale ? 'stale' : deaf ? 'deaf' : isMore ? 'reloads' : 'right'
    return {
      verdict,
      isKept,
      reloads,
      isHelped: this.#isHelped,
      milliseconds: Math.round(performance.now() - started),
      story: {
        ...describePlan(plan),
        difference: stale ?? deaf,
        reloads: { 'never cut': stayed.loads - 1, cut: reloads, allowed: this.#allowed },
      },
    }
  }

  async #begin() {
    const { plan, stage } = this
    for (const tab of [stage.left, stage.stayed]) await tab.leave()
    this.#check(Object.keys(stage.project.state.values))
    const isShown = (seen) => this.#checks.every((check) => check(seen))
    await Promise.all(
      this.tabs.map(async (tab) => {
        await tab.visit(stage.app.path, isShown)
        if (stage.app.isRendered) await tab.page.waitForLoadState('networkidle')
      }),
    )
    await stage.server.check()
    if (plan.isSingle) await this.left.type()
    if (plan.warmUp) {
      await this.#write(plan.warmUp)
      for (const tab of this.tabs) await this.#takenBy(tab)
    }
    await delay(plan.before)
    for (const tab of this.tabs) tab.loads = 1
    this.#allowed = 1
  }

  /** What both tabs are to show from now on. */
  #check(slots, isBroken = false) {
    const { values } = this.stage.project.state
    const shown = isBroken ? [] : slots.map((slot) => mark(slot, values[slot]))
    this.#checks = [
      ({ text }) => shown.every((one) => text.some((line) => line.includes(one))),
      ({ overlay }) => overlay.length > 0 === isBroken,
    ]
  }

  async #write(step) {
    const { app, project, server } = this.stage
    // Vite's client also reloads when an error that a page was loaded with is mended.
    const isReload = app.slots[step.slot]?.reloads || step.kind === 'mend'
    // One that has been loaded meanwhile may have found another way to the server.
    const isReached = this.#isOnline || (this.left.loads > 1 && this.left.isConnected)
    if (isReached && isReload) this.#allowed += 1
    const told = this.plan.isSingle ? server.hasChanged() : undefined
    if (step.kind === 'bump') await project.bump(step.slot)
    else if (step.kind === 'break') await project.break(step.file)
    else await project.mend(step.slot)
    const { values, broken } = project.state
    this.#check(Object.keys(values), Boolean(broken))
    await told
  }

  /** With one tab nobody else can tell. */
  async #taken() {
    if (!this.plan.isSingle) await this.#takenBy(this.stayed)
  }

  async #takenBy(tab) {
    const isShown = (seen) => this.#checks.every((check) => check(seen))
    const { length } = tab.lines
    const what = 'the tab that was not cut to take the edit'
    await tab.until(isShown, what, TAKEN_MS).catch((error) => {
      // A framework may apply an update and not show it, whoever sends it: nothing to compare with.
      const isApplied = tab.lines.slice(length - 1).some((line) => line.includes('hot updated'))
      throw Object.assign(error, { verdict: isApplied ? 'unclear' : 'failed' })
    })
  }

  /** @returns {Promise<object | undefined>} What differs at the deadline. */
  async #settle() {
    const started = Date.now()
    const end = started + this.stage.deadline
    let differs
    let steady
    let last = { what: '', at: started }
    for (;;) {
      differs = await this.#difference()
      await this.#help(differs)
      const what = JSON.stringify([differs, this.left.loads, this.left.lines.length])
      if (what !== last.what) last = { what, at: Date.now() }
      const { loads } = this.left
      if (differs) steady = undefined
      else if (steady?.loads !== loads) steady = { loads, since: Date.now() }
      else if (Date.now() - steady.since >= STEADY_MS) return undefined
      const isOver = Date.now() > end && Date.now() - last.at > CHANGING_MS
      if (isOver || Date.now() - started > LAST_MS) {
        return differs ?? { 'not steady': 'documents were still loaded' }
      }
      await delay(POLL_MS)
    }
  }

  async #difference() {
    const { left, stayed, stage } = this
    const seen = await left.look()
    if (!seen || left.isStranded)
      return { 'the tab that was cut': 'shows nothing, or has no client' }
    if (this.plan.isSingle) {
      const isRight = this.#checks.every((check) => check(seen))
      return isRight ? undefined : { shown: seen, wanted: stage.project.state.values }
    }
    const other = await stayed.look()
    if (!other) return { 'the tab that was never cut': 'shows nothing' }
    return difference(other, seen, { isBroken: Boolean(stage.project.state.broken) })
  }

  /** Does what a developer does with a page that the browser could not load. */
  async #help(differs) {
    const { left, stage } = this
    const isBroken = left.isLoadBroken && differs && !stage.project.state.broken
    if (!left.isStranded && !isBroken) {
      this.#isStrandedSince = 0
      return
    }
    this.#isStrandedSince ||= Date.now()
    if (this.#isHelped || Date.now() - this.#isStrandedSince < STRANDED_MS) return
    this.#isHelped = true
    this.#allowed += 1
    await left.page.goto(left.url + (stage.app.path ?? '')).catch(() => {})
  }

  /** An edit afterwards, which mends what was left broken. */
  async #lateEdit() {
    const { project } = this.stage
    const { after } = this.plan
    if (project.state.broken) await this.#write({ kind: 'mend' })
    else await this.#write({ kind: 'bump', slot: after })
    await this.#taken()
    return this.#settle()
  }
}
