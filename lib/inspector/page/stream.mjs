/** How long to wait before asking again, in milliseconds. */
const RETRY_MS = 1000

const header = 'X-Vite-Native-WS-Token'
const tag = 'meta[name="feed"]'
/** @param {Document} page */
const tokenOf = (page) => /** @type {HTMLMetaElement | null} */ (page.querySelector(tag))?.content
let token = tokenOf(document)

/** The kept part of a payload. */
export async function fetchPayload(seq) {
  const response = await fetch(`payload/${seq}`, { headers: { [header]: token } })
  return response.ok ? response.json() : undefined
}

/** Calls `on[event](data)` for each server-sent event, for ever; `on.lost` when there are none. */
export async function follow(on) {
  for (;;) {
    try {
      await readOnce(on)
    } catch {
      // The server is gone, or the page was: either way it is asked again.
    }
    on.lost()
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    await renewToken()
  }
}

async function readOnce(on) {
  const response = await fetch('feed', { headers: { [header]: token }, cache: 'no-store' })
  if (!response.ok) return
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    text += value
    const events = text.split('\n\n')
    text = events.pop()
    for (const event of events) dispatch(event, on)
  }
}

function dispatch(event, on) {
  const [name, data] = event.split('\n').map((line) => line.slice(line.indexOf(': ') + 2))
  on[name]?.(JSON.parse(data))
}

/** A server that was restarted has another one. */
async function renewToken() {
  try {
    const page = await (await fetch('./', { cache: 'no-store' })).text()
    token = tokenOf(new DOMParser().parseFromString(page, 'text/html')) ?? token
  } catch {
    // Not there yet.
  }
}
