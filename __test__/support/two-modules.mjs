// A page that shows the values of two modules, and what it hears.
import { Project } from './project.mjs'

const PAGE = `<!doctype html>
<title>two modules</title>
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

/** A project with this page. Gone after the test. */
export function makeTwoModules(t) {
  const project = Project.make(t, { 'index.html': PAGE, 'main.mjs': MAIN })
  const edit = (module, value) =>
    project.write(`${module}.mjs`, `export const value = ${JSON.stringify(value)}\n`)
  edit('one', 'first')
  edit('two', 'first')
  return { root: project.root, edit }
}
