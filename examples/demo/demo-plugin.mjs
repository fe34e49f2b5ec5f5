/**
 * Answers the page's pings and tells every page who serves it.
 *
 * @returns {import('vite').Plugin}
 */
export default function demo() {
  let answered = 0

  return {
    name: 'demo',
    apply: 'serve',

    configureServer({ ws }) {
      ws.on('demo:ping', (data, client) => {
        answered += 1
        client.send('demo:pong', { ...data, answered })
      })

      // Pages ask once they listen: what is sent while they load, nobody hears.
      ws.on('demo:status', (_data, client) => client.send('demo:status', status(ws)))
      const announce = () => ws.send('demo:status', status(ws))
      ws.on('vite:client:connect', announce)
      ws.on('vite:client:disconnect', announce)
    },
  }
}

/** Vite's own server keeps no statistics, which is how the two are told apart. */
function status(ws) {
  const stats = ws.stats?.()
  return {
    engine: stats?.engine ?? 'vite',
    clients: ws.clients.size,
    adopted: stats?.adopted,
    bridged: stats?.bridged,
  }
}
