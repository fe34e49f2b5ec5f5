// What a tab shows, as lines that can be compared with those of another tab.

/**
 * Runs in the page and sees nothing of this file.
 *
 * @returns {{ text: string[], overlay: string[] }}
 */
export function look() {
  const words = (text) => text.replace(/\s+/g, ' ').trim()
  const unseen = 'script, style, template, noscript, form[data-twins]'
  const text = [`title: ${document.title}`]
  const walk = (element) => {
    for (const node of element.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) {
        if (words(node.data)) text.push(`${element.localName}: ${words(node.data)}`)
      } else if (node.nodeType === Node.ELEMENT_NODE) {
        if (!node.matches(unseen) && !node.localName.endsWith('-overlay')) walk(node)
      }
    }
  }
  if (document.body) walk(document.body)
  for (const element of document.querySelectorAll('.look')) {
    text.push(`style: ${getComputedStyle(element, '::after').content}`)
  }
  const overlay = []
  for (const element of document.querySelectorAll('vite-error-overlay')) {
    for (const part of ['.message-body', '.file']) {
      const shown = element.shadowRoot?.querySelector(part)?.textContent ?? ''
      overlay.push(`overlay: ${words(shown.replace(/\?t=\d+/g, ''))}`)
    }
  }
  for (const element of document.querySelectorAll('vite-plugin-checker-error-overlay')) {
    const shown = element.shadowRoot?.textContent ?? ''
    const errors = shown.match(/\bTS\d+\b|Type '[^']*' is not assignable to type '[^']*'/g) ?? []
    for (const error of new Set(errors)) overlay.push(`checker: ${error}`)
  }
  return { text, overlay }
}

/** The lines of both that the other one has not, or nothing. */
export function difference(stayed, left, { isBroken }) {
  // A page that was loaded with an error in it has nothing to show below the overlay.
  const lines = (seen) => (isBroken ? seen.overlay : [...seen.text, ...seen.overlay])
  const [one, other] = [lines(stayed), lines(left)]
  if (one.join('\n') === other.join('\n')) return undefined
  const missing = (from, to) => from.filter((line) => !to.includes(line))
  return {
    'only in the tab that was never cut': missing(one, other),
    'only in the tab that was cut': missing(other, one),
    ...(one.length !== other.length ? { lines: [one.length, other.length] } : {}),
  }
}
