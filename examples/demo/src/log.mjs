const length = 8
const list = document.querySelector('#log')

// A full reload is itself an entry, so the log has to outlive the page.
const entries = JSON.parse(sessionStorage.getItem('log') ?? '[]')

export function log(kind, text) {
  entries.unshift({ kind, text, time: new Date().toLocaleTimeString() })
  entries.length = Math.min(entries.length, length)
  sessionStorage.setItem('log', JSON.stringify(entries))
  show()
}

function show() {
  list.replaceChildren(
    ...entries.map(({ kind, text, time }) => {
      const item = document.createElement('li')
      item.dataset.kind = kind
      for (const part of [time, kind, text]) item.append(cell(part))
      return item
    }),
  )
}

function cell(text) {
  const span = document.createElement('span')
  span.textContent = text
  return span
}

if (import.meta.hot) {
  import.meta.hot.on('vite:afterUpdate', ({ updates }) => {
    for (const { type, path } of updates) log('update', `${path} (${type})`)
  })
  import.meta.hot.on('vite:beforeFullReload', () => log('reload', 'the whole page'))
  import.meta.hot.on('vite:error', ({ err }) => log('error', err.message.split('\n')[0]))
  import.meta.hot.on('vite:ws:disconnect', () => log('lost', 'waiting for the server'))
}

log('load', location.href)
