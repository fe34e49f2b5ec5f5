// A server, a proxy before it, and a page on it.
import assert from 'node:assert/strict'
import { until } from '../support/deadline.mjs'
import { serve } from '../support/server.mjs'
import { CuttingProxy } from './cutting-proxy.mjs'
import { PageSocket } from './page.mjs'

export const CONNECTED = '{"type":"connected"}'

export const update = (number) => ({ type: 'update', updates: [number] })

/** A server, a proxy before it, and a page that was greeted; `onServe` sees the server before it. */
export async function open(t, { options, server, onServe, search = '', ...place } = {}) {
  const { ws, port, close } = await serve(t, { options, server })
  onServe?.(ws)
  const proxy = await CuttingProxy.open(port)
  t.after(() => proxy.close())
  const page = new PageSocket(`ws://127.0.0.1:${proxy.port}/${search}`, place)
  t.after(() => page.socket.close())
  const isComplete = options?.reconnect === false ? () => true : () => page.isWelcome
  await until(() => page.messages.length > 0 && isComplete(), 'the greeting')
  assert.deepEqual(page.messages.splice(0), [CONNECTED])
  return { ws, port, close, proxy, page }
}

export async function lose({ page, proxy }) {
  const before = page.lines.length
  proxy.cut()
  await until(() => page.lines.length > before, 'the page to notice')
}
