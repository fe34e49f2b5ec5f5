// The browser's shared workers, in Node: each runs the text of its Blob, with no more around it.
import { resolveObjectURL } from 'node:buffer'
import vm from 'node:vm'
import { browserEnvironment } from './page.mjs'

/**
 * An environment with shared workers, and what was made in it.
 *
 * @param {object} [options]
 * @param {(worker: any) => void} [options.onNew] Sees a new worker, and may throw as browsers do.
 * @param {boolean} [options.isServed] Whether the workers' sockets and requests get anywhere.
 */
export function withSharedWorkers({ onNew = () => {}, isServed = true } = {}) {
  const environment = browserEnvironment()
  const { WebSocket } = environment
  const made = { workers: 0, inPage: [], inWorker: [] }
  const nowhere = 'ws://127.0.0.1:1/'
  const noted = (list, isReachable) => ({
    WebSocket: class extends WebSocket {
      constructor(url, protocol) {
        list.push(protocol)
        super(isReachable ? url : nowhere, protocol)
      }
    },
    fetch: (url, options) => {
      list.push('fetch')
      return isReachable ? fetch(url, options) : Promise.reject(new TypeError('Failed to fetch'))
    },
  })
  class SharedWorker {
    constructor(url) {
      made.workers += 1
      onNew(this)
      const { port1, port2 } = new MessageChannel()
      this.port = port1
      this.run(url, port2)
    }

    async run(url, port) {
      const { setTimeout, clearTimeout, console } = environment
      const own = noted(made.inWorker, isServed)
      const context = vm.createContext({ ...own, setTimeout, clearTimeout, console })
      const self = vm.runInContext('self = globalThis', context)
      vm.runInContext(await resolveObjectURL(url).text(), context)
      self.onconnect({ ports: [port] })
      port.unref()
    }
  }
  Object.assign(environment, noted(made.inPage, true), { SharedWorker, MessageChannel })
  return { environment, made }
}
