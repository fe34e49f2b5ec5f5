// The client of volume.test.mjs, in a process of its own: the real `ws`.
import { once } from 'node:events'
import WebSocket from 'ws'
import { End } from './volume-end.mjs'

const { url, ...plan } = JSON.parse(process.argv[2])
const socket = new WebSocket(url, { perMessageDeflate: false })
const end = new End(socket, plan)
await once(socket, 'open')
await end.run()
socket.close(1000)
await once(socket, 'close')
process.send(end.report, () => process.disconnect())
