import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PAGE = `<!doctype html>
<title>life</title>
<link rel="icon" href="data:," />
<p id="one"></p>
<p id="two"></p>
<script type="module" src="/main.mjs"></script>
`

const MAIN = `import { value as one } from './one.mjs'
import { value as two } from './two.mjs'
const show = (id, text) => (document.getElementById(id).textContent = text)
show('one', one)
show('two', two)
import.meta.hot.accept('./one.mjs', (module) => show('one', module.value))
import.meta.hot.accept('./two.mjs', (module) => show('two', module.value))
import.meta.hot.on('big', ({ number }) => (window.big = number))
import.meta.hot.on('echo', (data) => (window.echoed = data))
window.ask = (data) => import.meta.hot.send('echo', data)
`

/** A folder with a page that shows the values of two modules. Gone after the test. */
export function makeProject(t) {
  const root = mkdtempSync(join(tmpdir(), 'life-'))
  t.after(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }))
  const write = (name, text) => writeFileSync(join(root, name), text)
  write('index.html', PAGE)
  write('main.mjs', MAIN)
  const edit = (module, value) =>
    write(`${module}.mjs`, `export const value = ${JSON.stringify(value)}\n`)
  edit('one', 'first')
  edit('two', 'first')
  return { root, edit }
}
