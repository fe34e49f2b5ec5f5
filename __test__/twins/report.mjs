// What came of the episodes: a line for each, all about a failure, and the sums.

const KEPT_RATIO = 0.9
/** Episodes whose oracle failed: more of them would hide something. */
const UNCLEAR_RATIO = 0.05

export class Report {
  #rows = []
  /** Apps that did not even start. */
  #broken = 0

  constructor({ engine, say }) {
    this.engine = engine
    this.say = say
  }

  add({ seed, options, wanted, episode, outcome }) {
    const { app, transport } = options
    const { plan } = episode
    const row = { seed, app: app.name, transport, plan, ...outcome }
    this.#rows.push(row)
    const { verdict, own, milliseconds, reloads, isKept, isHelped } = row
    const notes = [
      plan.isSingle ? 'one tab' : 'two tabs',
      `${reloads ?? '?'} reloads`,
      ...(isKept === undefined ? [] : [isKept ? 'kept' : 'not kept']),
      ...(own ? [own] : []),
      ...(isHelped ? ['reloaded by hand'] : []),
      ...(milliseconds ? [`${(milliseconds / 1000).toFixed(1)} s`] : []),
    ]
    this.say(
      `${verdict.padEnd(7)} ${app.name} ${transport} ${plan.outage}, seed ${seed} (${notes.join(', ')})`,
    )
    if (verdict !== 'right') this.#tell(row, options, wanted, episode)
  }

  addBroken({ app, transport }, error) {
    this.#broken += 1
    this.say(
      `failed  ${app.name} ${transport} did not start\n${error.stack.replace(/^/gm, '    ')}`,
    )
  }

  #tell({ seed, app, transport, story, error }, { engine }, wanted, { left, stage }) {
    const again = [
      `npm run twins -- --seed ${seed} --episodes 1 --app ${app} --transport ${transport}`,
      ...(engine === 'native' ? [] : [`--engine ${engine}`]),
      ...(wanted.outage ? [`--outage ${wanted.outage}`] : []),
      ...(wanted.isSingle === undefined ? [] : [`--tabs ${wanted.isSingle ? 1 : 2}`]),
    ]
    const details = [
      `again: ${again.join(' ')}`,
      story ? JSON.stringify(story, undefined, 2) : (error?.stack ?? String(error)),
      'console of the tab that was cut:',
      ...left.lines.map((line) => `  ${line}`),
      ...(stage.server.output ? [`the dev server: …${stage.server.output.slice(-1_500)}`] : []),
    ]
    this.say(details.join('\n').replace(/^/gm, '    '))
  }

  /** @returns {boolean} Whether everything was right. */
  conclude() {
    const rows = this.#rows
    const unclear = rows.filter(({ verdict }) => verdict === 'unclear')
    const failed = rows.filter(({ verdict }) => !['right', 'as vite', 'unclear'].includes(verdict))
    const single = rows.filter(({ isKept }) => isKept !== undefined)
    const kept = single.filter(({ isKept }) => isKept)
    const { say } = this
    const asVite = rows.filter(({ verdict }) => verdict === 'as vite')
    say(`\n${rows.length} episodes, engine ${this.engine}; ${failed.length} not right`)
    this.#table('app', ({ app, transport }) => `${app} ${transport}`)
    this.#table('outage', ({ plan }) => `${plan.outage}, ${plan.isSingle ? 'one tab' : 'two tabs'}`)
    const played = rows.filter(({ milliseconds }) => milliseconds)
    const total = played.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
    if (played.length > 0) say(`seconds an episode: ${(total / played.length / 1000).toFixed(1)}`)
    const isEnough = this.engine === 'vite' || kept.length >= KEPT_RATIO * single.length
    if (single.length > 0) {
      say(`what was typed is kept in ${kept.length} of ${single.length} with one tab and one edit`)
    }
    if (!isEnough) say(`that is less than ${KEPT_RATIO * 100} %`)
    const isClear = unclear.length <= Math.max(1, UNCLEAR_RATIO * rows.length)
    if (asVite.length > 0) {
      say(`${asVite.length} episodes end with two different tabs with Vite's own server, too`)
    }
    if (!isClear) say(`${unclear.length} episodes are unclear`)
    return failed.length === 0 && this.#broken === 0 && isEnough && isClear
  }

  #table(title, keyOf) {
    const groups = Map.groupBy
      ? Map.groupBy(this.#rows, keyOf)
      : this.#rows.reduce((map, row) => {
          const key = keyOf(row)
          return map.set(key, [...(map.get(key) ?? []), row])
        }, new Map())
    this.say(`by ${title}:`)
    for (const [key, rows] of groups) {
      const count = (verdict) => rows.filter((row) => row.verdict === verdict).length
      const counts = ['right', 'as vite', 'stale', 'deaf', 'reloads', 'unclear', 'failed']
        .map((verdict) => [verdict, count(verdict)])
        .filter(([, number]) => number > 0)
        .map(([verdict, number]) => `${number} ${verdict}`)
      const single = rows.filter(({ isKept }) => isKept !== undefined)
      const kept = single.filter(({ isKept }) => isKept).length
      const helped = rows.filter(({ isHelped }) => isHelped).length
      if (single.length > 0) counts.push(`${kept} of ${single.length} kept`)
      if (helped > 0) counts.push(`${helped} reloaded by hand`)
      this.say(`  ${key}: ${counts.join(', ')}`)
    }
  }
}
