import { fileURLToPath } from 'node:url'
import { Child } from '../child.mjs'
import { cpuTime } from '../usage.mjs'

const PAGES = { quick: 200, full: 1000 }
const ROUNDS = { quick: 1, full: 5 }
/** Of the application; every one is asked for in a reload. */
const MODULES = 20

const TIME = { name: 'reconnect: all pages are back', unit: 's' }
const CPU = { name: 'reconnect: CPU of the main thread per page', unit: 'ms' }

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/**
 * The connections of all pages are cut at once, while the server stays. Vite's pages ask for it and
 * reload, as its client does; ours resume.
 */
export async function reconnect({ kinds, ledger, mode, say }) {
  const count = PAGES[mode]
  const label = `${count} pages of ${MODULES} modules`
  for (const kind of kinds.filter((name) => ['vite', 'ours', 'bridged'].includes(name))) {
    say(`reconnect of ${count}, ${kind}`)
    const app = [here('../servers/app.mjs'), kind, String(MODULES)]
    const server = new Child(kind, process.execPath, app)
    const crowd = new Child(`pages of ${kind}`, process.execPath, [here('../pages.mjs')])
    try {
      const [{ port }] = await Promise.all([server.greeting, crowd.greeting])
      const way = kind === 'vite' ? 'reload' : 'resume'
      await crowd.ask({ do: 'open', port, count, way })
      for (let round = 0; round < ROUNDS[mode]; round++) {
        const before = cpuTime(server.pid).main
        const { ns } = await crowd.ask({ do: 'cut' })
        ledger.add(TIME, label, kind, ns / 1e9)
        ledger.add(CPU, label, kind, (cpuTime(server.pid).main - before) / count / 1e6)
      }
    } finally {
      await Promise.all([crowd.stop(), server.stop()])
    }
  }
}
