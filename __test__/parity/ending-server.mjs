import { ScenarioContext } from './scenario-context.mjs'

// A process of its own: how it ends is the parent's observation.
const [, , major, column, ending, root, port] = process.argv
const context = new ScenarioContext({ major: Number(major), column })
const project = { root, path: (name) => `${root}/${name}` }
const server = await context.start({}, { project, port: Number(port) })
server.ws.on('are:you:there', (_, client) => client.send('still:here'))
process.send({ token: server.config.webSocketToken })
process.once('message', async () => {
  // The channel to the parent would hold the process as a client does.
  process.disconnect()
  if (ending !== 'unlisten') for (const n of [1, 2, 3]) server.ws.send('farewell', n)
  if (ending === 'exit') process.exit(0)
  if (ending === 'close') await server.close()
  if (ending === 'unlisten') {
    server.httpServer.close()
    server.ws.send('unlistened')
  }
})
