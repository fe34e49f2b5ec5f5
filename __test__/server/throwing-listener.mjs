// A process in which a listener throws: what comes after it must be heard all the same.
import { Client } from '../support/client.mjs'
import { until } from '../support/deadline.mjs'
import { serve } from '../support/server.mjs'

process.on('uncaughtException', (error) => console.log(`uncaught: ${error.message}`))

const [transport] = process.argv.slice(2)
const { ws, port, close } = await serve(undefined, { options: { transport } })
const client = await Client.connect(port)
const heard = []
ws.on('bad', () => {
  throw new Error('on purpose')
})
ws.on('good', (data) => heard.push(data))
client.emit('bad')
for (let number = 0; number < 10; number++) client.emit('good', number)
await until(() => heard.length === 10, 'the events after it')
console.log(`heard ${heard.join(' ')}`)
await close()
console.log('closed')
