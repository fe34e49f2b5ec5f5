// The kinds of outage. Each plays the edits of its plan, and ends with the tab's way to the server
// open again.
import { setTimeout as delay } from 'node:timers/promises'

const FETCH_MS = 1_500

/**
 * @typedef {object} Scene
 * @property {import('./plan.mjs').Plan} plan
 * @property {import('./tab.mjs').Tab} left The tab that is cut.
 * @property {import('./tab.mjs').Tab} stayed The other one; the same with one tab.
 * @property {import('./dev-server.mjs').DevServer} server
 * @property {boolean} comesBack The tab has our half of the page, and not Vite's client alone.
 * @property {(step: import('./plan.mjs').Step) => Promise<void>} write
 * @property {() => Promise<void>} taken What was written is what the other tab shows.
 * @property {() => void} offline From here on the server reaches the tab no more.
 * @property {() => void} online From here on it does again.
 */

/** @type {Record<string, (scene: Scene) => Promise<void>>} */
export const OUTAGES = {
  /** Nothing goes through. */
  async both(scene) {
    scene.offline()
    scene.left.proxy.refuse()
    await edit(scene, scene.plan.edits)
    scene.left.proxy.restore()
  },

  /** HTTP goes on. */
  async socket(scene) {
    scene.offline()
    scene.left.proxy.refuse(['socket'])
    await edit(scene, scene.plan.edits)
    scene.left.proxy.restore()
  },

  /** Bytes are swallowed, and nobody is told. */
  async 'half-open'(scene) {
    const { plan, left, comesBack } = scene
    scene.offline()
    left.proxy.swallow()
    await edit(scene, plan.edits)
    // Vite's own client would not notice that its connection is of another network.
    const isRoaming = plan.isRoaming && comesBack
    left.proxy.restore(isRoaming ? ['http'] : undefined)
    if (isRoaming) {
      await left.page.evaluate(() => window.dispatchEvent(new Event('online'))).catch(() => {})
    }
  },

  /** The update arrives, and what it names cannot be fetched; then the socket goes as well. */
  async 'http-dead'(scene) {
    const { plan, left } = scene
    const [first, ...others] = plan.edits
    left.proxy.refuse(['http'])
    const before = left.proxy.refused.http
    await edit(scene, [first])
    const end = Date.now() + FETCH_MS
    while (left.proxy.refused.http === before && Date.now() < end) await delay(10)
    scene.offline()
    left.proxy.refuse()
    await edit(scene, others)
    left.proxy.restore()
  },

  /** The tab goes at the moment when the other one asks for what is new. */
  async 'other-fetching'(scene) {
    const { plan, left, stayed } = scene
    const [first, ...others] = plan.edits
    const cut = stayed.proxy.nextFetch(FETCH_MS, () => left.proxy.refuse())
    await scene.write(first)
    await cut
    scene.offline()
    left.proxy.refuse()
    await scene.taken()
    await edit(scene, others)
    left.proxy.restore()
  },

  /** The tab goes while it is fetching what is new. */
  async 'mid-fetch'(scene) {
    const { plan, left } = scene
    const [first, ...others] = plan.edits
    const cut = left.proxy.cutInFetch(plan.bytes, FETCH_MS)
    await scene.write(first)
    await cut
    scene.offline()
    await scene.taken()
    await edit(scene, others)
    left.proxy.restore()
  },

  /** JavaScript is held, and the tab may be cut meanwhile. */
  async busy(scene) {
    const { plan, left, server } = scene
    const [first, ...others] = plan.edits
    server.block(plan.block)
    const free = server.isFree()
    if (plan.isCut) {
      scene.offline()
      left.proxy.refuse()
    }
    await scene.write(first)
    await delay(plan.rest)
    if (plan.isCut) left.proxy.restore()
    scene.online()
    await free
    await scene.taken()
    await edit(scene, others)
  },

  /** Everything goes when the client of a page has just connected, whatever of it is still to come. */
  async loading(scene) {
    const { plan, left } = scene
    await left.page.reload({ waitUntil: 'commit' })
    left.loads = 1
    const end = Date.now() + FETCH_MS
    while (!left.isConnected && Date.now() < end) await delay(2)
    scene.offline()
    left.proxy.refuse()
    await edit(scene, plan.edits)
    left.proxy.restore()
  },

  /** The proxy ends, and another one takes its port. */
  async restart(scene) {
    const { plan, left } = scene
    scene.offline()
    await left.proxy.stop()
    await edit(scene, plan.edits)
    await left.proxy.start()
  },
}

async function edit(scene, steps) {
  for (const step of steps) {
    await scene.write(step)
    await scene.taken()
  }
  await delay(scene.plan.rest)
}
