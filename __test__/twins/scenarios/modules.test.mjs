// What modules do with Vite's hot-update interface, around an outage.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { launchChromium } from '../../../scripts/browser.mjs'
import { gives, leave, Scenario, value } from './scenario.mjs'

const show = (id, shown) => `document.querySelector('#${id}').textContent = ${shown}\n`
const text = (id) => `document.querySelector('#${id}').textContent`

const counting = (word) => `const { data } = import.meta.hot
data.runs = (data.runs ?? 0) + 1
${show('one', `'${word} ' + data.runs`)}import.meta.hot.accept()
`

const refusing = (word) => `export const word = '${word}'
import.meta.hot.accept(() => import.meta.hot.invalidate())
`

const accepting = (word) => `export const word = '${word}'
window.word = word
window.invalidate = () => import.meta.hot.invalidate()
import.meta.hot.accept()
`

const PARENT = `import { word } from './part.js'
${show('one', 'word')}import.meta.hot.accept()
`

describe('modules of a page that was away', () => {
  let browser
  before(async () => {
    browser = await launchChromium(console.log)
  })
  after(() => browser?.close())

  it('find their state in `hot.data` after the update that they missed', async (t) => {
    const main = `import './part.js'\nwindow.isReady = true\n`
    const scenario = await Scenario.open(t, {
      browser,
      files: { 'main.js': main, 'part.js': counting('a') },
    })
    const stayed = await scenario.tab()
    const left = await scenario.tab()
    await leave(left)
    scenario.edit('part.js', counting('b'))
    await gives(stayed, text('one'), 'b 2')
    left.proxy.restore()
    await gives(left, text('one'), 'b 2')
    assert.equal(left.loads, 1)
  })

  it('refuse an update with `hot.invalidate` as everybody else did', async (t) => {
    const main = `import './parent.js'\nwindow.isReady = true\n`
    const scenario = await Scenario.open(t, {
      browser,
      files: { 'main.js': main, 'parent.js': PARENT, 'part.js': refusing('a') },
    })
    const stayed = await scenario.tab()
    const left = await scenario.tab()
    await leave(left)
    scenario.edit('part.js', refusing('b'))
    await gives(stayed, text('one'), 'b')
    left.proxy.restore()
    await gives(left, text('one'), 'b')
    scenario.edit('part.js', refusing('c'))
    for (const tab of [stayed, left]) await gives(tab, text('one'), 'c')
    assert.ok(left.loads <= 2, `${left.loads} loads`)
  })

  it('call `hot.invalidate` while their page is away', async (t) => {
    const main = `import './parent.js'\nwindow.isReady = true\n`
    const scenario = await Scenario.open(t, {
      browser,
      files: { 'main.js': main, 'parent.js': PARENT, 'part.js': accepting('a') },
    })
    const stayed = await scenario.tab()
    const left = await scenario.tab()
    // Vite hears of it from modules that have had an update.
    scenario.edit('part.js', accepting('b'))
    for (const tab of [stayed, left]) await gives(tab, 'window.word', 'b')
    await leave(left)
    await value(left, 'invalidate()')
    for (const tab of [stayed, left]) await gives(tab, text('one'), 'a')
    left.proxy.restore()
    for (const tab of [stayed, left]) await gives(tab, text('one'), 'b')
    assert.equal(left.loads, 1)
  })
})
