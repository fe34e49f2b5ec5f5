// The small Vite application that scenarios edit.
import { Project } from '../support/project.mjs'

export const PAGE = `<!doctype html><html><head><link rel="stylesheet" href="/linked.css"></head>
<body><script type="module" src="/main.js"></script></body></html>
`

const FILES = {
  'index.html': PAGE,
  'linked.css': 'a { color: red }\n',
  'main.js': `import './style.css'\nimport { value } from './part.js'\nconsole.log(value)
import.meta.hot.accept()\n`,
  'part.js': 'export const value = 1\nimport.meta.hot.accept()\n',
  'style.css': 'b { color: red }\n',
}

/** It, with these files beside or instead of its own. The name of its folder is not observed. */
export function makeProject(files) {
  return new Project({ ...FILES, ...files }, 'parity-')
}
