// The page of the connection check.
import { dial, get } from './browser.mjs'
import { examine } from './examination.mjs'
import { describeResult } from './report.mjs'

const find = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id))
const [sentence, remedy, results, again] = ['sentence', 'remedy', 'results', 'again'].map(find)

async function run() {
  // Neither hidden nor disabled: the focus would be lost.
  again.setAttribute('aria-disabled', 'true')
  remedy.hidden = true
  document.body.dataset.state = 'busy'
  results.replaceChildren()
  sentence.textContent = 'Trying what the application would try…'
  const { facts, diagnosis } = await examine(
    new URL('../../', location.href).href,
    { dial, get },
    {
      onOpen(url, milliseconds) {
        sentence.textContent = `${url} is open. To see whether it is kept takes ${milliseconds / 1000} s.`
      },
    },
  )
  for (const result of facts.results) {
    const item = document.createElement('li')
    const address = document.createElement('code')
    address.textContent = result.url
    item.append(address, ` ${describeResult(result)}`)
    results.append(item)
  }
  document.body.dataset.state = diagnosis.isConnected ? 'good' : 'bad'
  document.body.dataset.cause = diagnosis.cause
  sentence.textContent = diagnosis.sentence
  remedy.textContent = diagnosis.remedy.join('\n')
  remedy.hidden = diagnosis.remedy.length === 0
  again.hidden = false
  again.setAttribute('aria-disabled', 'false')
}

again.addEventListener('click', () => {
  if (document.body.dataset.state !== 'busy') run()
})
run()
