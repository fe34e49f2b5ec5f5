import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

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

/** A folder with a small Vite application, gone after the scenario. */
export class Project {
  constructor(files = {}) {
    this.root = mkdtempSync(join(tmpdir(), 'parity-'))
    for (const [name, text] of Object.entries({ ...FILES, ...files })) this.write(name, text)
  }

  path(name) {
    return join(this.root, name)
  }

  write(name, text) {
    const path = this.path(name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  remove() {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 })
  }
}
