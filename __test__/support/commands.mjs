// The other end of program.mjs: answers what the test asks of this process.

/** @returns {any} what the test gave this program to start with */
export function settings() {
  return JSON.parse(process.argv[2])
}

/** @param {Record<string, (argument: any) => unknown>} commands */
export function answer(commands) {
  process.on('disconnect', () => process.exit())
  process.on('message', async ({ id, name, argument }) => {
    let reply
    try {
      reply = { id, result: await commands[name](argument) }
    } catch (error) {
      reply = { id, error: error.stack }
    }
    if (process.connected) process.send(reply)
  })
}

/** Says something that the test did not ask for. */
export function tell(message) {
  if (process.connected) process.send({ told: message })
}
