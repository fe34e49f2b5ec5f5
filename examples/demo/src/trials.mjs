import { log } from './log.mjs'

const UNREAD_MS = 4500
/** A trial that has not ended by then never will. */
const LONGEST_MS = 15_000
const storage = sessionStorage

/** A trial may end in a reload, so that what is known of it has to outlive the page. */
const trial = JSON.parse(storage.getItem('trial') ?? 'null')

/** One at a time: what one does to the connection would be taken for what another does. */
function allow(isFree) {
  for (const name of ['cut', 'block', 'unread']) {
    document.querySelector(`#${name}`).disabled = !isFree
  }
}

function begin(name) {
  allow(false)
  setTimeout(allow, LONGEST_MS, true)
  storage.setItem('trial', JSON.stringify({ name, at: Date.now() }))
  tell(name, 'under way …')
}

function end(name, text) {
  storage.removeItem('trial')
  allow(true)
  log('trial', text)
  tell(name, text)
}

function tell(name, text) {
  storage.setItem(`result ${name}`, text)
  document.querySelector(`#${name}-result`).textContent = text
}

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(2)} s`
const mebibytes = (bytes) => `${(bytes / 1024 / 1024).toFixed(0)} MiB`
const at = () => JSON.parse(storage.getItem('trial') ?? '{"at":0}').at

for (const name of ['cut', 'block', 'unread']) {
  const text = storage.getItem(`result ${name}`)
  if (text) tell(name, text)
}

if (import.meta.hot) {
  const { hot } = import.meta
  const button = (id, act) => document.querySelector(id).addEventListener('click', act)

  button('#cut', () => {
    begin('cut')
    hot.send('demo:cut')
  })
  hot.on('demo:meanwhile', () => {
    if (trial?.name === 'cut' || !storage.getItem('trial')) return
    end('cut', `Back after ${seconds(at())}. Not reloaded; what was sent meanwhile arrived.`)
  })

  let arrived = ''
  button('#block', () => {
    begin('block')
    hot.send('demo:block')
  })
  hot.on('demo:part', ({ number, of }) => {
    if (number === of) arrived = seconds(at())
  })
  hot.on('demo:unblocked', () => {
    end('block', `All 16 MiB arrived after ${arrived}; JavaScript was free after ${seconds(at())}.`)
  })

  button('#unread', () => {
    begin('unread')
    hot.send('demo:unread')
    // The page reads nothing while it is busy. First it has to say what it wants.
    setTimeout(() => {
      const until = performance.now() + UNREAD_MS
      while (performance.now() < until);
    }, 200)
  })
  // What still comes before it takes effect says nothing: the next page asks.
  let isReloading = false
  hot.on('vite:beforeFullReload', () => {
    isReloading = true
  })
  hot.on('demo:unread', ({ mostWaiting }) => {
    if (isReloading || !storage.getItem('trial')) return
    const isReloaded = trial?.name === 'unread'
    const what = isReloaded ? 'then the page was told to reload.' : 'the page read all of it.'
    end('unread', `${mebibytes(mostWaiting)} waited at most; ${what}`)
  })

  if (trial?.name === 'cut') {
    end('cut', `Reloaded after ${seconds(trial.at)}; what was sent meanwhile is lost.`)
  }
  if (trial?.name === 'unread') hot.send('demo:unread?')
}
