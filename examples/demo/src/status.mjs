const engine = document.querySelector('#engine')
const clients = document.querySelector('#clients')
const sockets = document.querySelector('#sockets')

const names = { native: 'native (Rust)', vite: 'vite (ws)' }

if (import.meta.hot) {
  import.meta.hot.on('demo:status', (status) => {
    engine.dataset.engine = status.engine
    engine.textContent = names[status.engine] ?? status.engine
    clients.textContent = status.clients
    sockets.textContent =
      status.engine === 'native'
        ? `${status.adopted} adopted, ${status.bridged} bridged`
        : 'all in Node'
  })

  import.meta.hot.on('vite:ws:disconnect', () => {
    delete engine.dataset.engine
    engine.textContent = 'reconnecting'
  })

  // A page that comes back was not there for what it would have been told.
  const ask = () => import.meta.hot.send('demo:status')
  import.meta.hot.on('vite:ws:connect', ask)
  ask()
}
