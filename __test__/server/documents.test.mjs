// What the documents say about options, codes and files is what there is.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path) => readFileSync(`${root}${path}`, 'utf8')

/** Options that may be objects, and the interfaces of those. */
const GROUPS = { reconnect: 'ReconnectOptions', inspector: 'InspectorOptions' }

/** The names of an interface's properties, with the text of their comments. */
function membersOf(name) {
  const types = read('index.d.ts')
  const start = types.indexOf(`interface ${name} {`)
  assert.ok(start >= 0, `index.d.ts has no interface ${name}`)
  const body = types.slice(start, types.indexOf('\n}', start))
  const members = body.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\s+(\w+)\??:/gs)
  return new Map(Array.from(members, ([, comment, member]) => [member, comment]))
}

/** The rows of the README's table of options: name and default. */
function optionsOfReadme() {
  const readme = read('README.md')
  const start = readme.indexOf('| option | default | meaning |')
  const table = readme.slice(start, readme.indexOf('\n\n', start))
  const rows = table.matchAll(/^\| `(\w+)` \| (?:`([^`]*)`|[^|]*) \| (.*) \|$/gm)
  return new Map(Array.from(rows, ([, name, value, meaning]) => [name, { value, meaning }]))
}

test('every option in index.d.ts is in the README and the other way round', () => {
  const options = membersOf('NativeWsOptions')
  assert.ok(options.size > 10)
  assert.deepEqual([...optionsOfReadme().keys()].sort(), [...options.keys()].sort())
})

test('defaults in the README are those in index.d.ts', () => {
  const readme = optionsOfReadme()
  for (const [name, comment] of membersOf('NativeWsOptions')) {
    const value = /@default (.*)/.exec(comment)?.[1].trim()
    if (value !== undefined) assert.equal(readme.get(name).value, value, name)
  }
})

test('members of options that are objects are in the README with their defaults', () => {
  for (const [option, type] of Object.entries(GROUPS)) {
    const { meaning } = optionsOfReadme().get(option)
    for (const [name, comment] of membersOf(type)) {
      assert.ok(meaning.includes(`\`${name}\``), name)
      const value = /@default (.*)/.exec(comment)[1].trim()
      assert.ok(meaning.includes(`\`${value}`), `${name}: ${value}`)
    }
  }
})

test('every code is in docs/errors.md and the other way round', () => {
  const sources = ['lib', 'src'].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true })
      .filter((name) => /\.(js|mjs|rs)$/.test(name) && !name.endsWith('native.js'))
      .map((name) => read(`${folder}/${name}`)),
  )
  const codesIn = (text) => text.match(/\b(?:ERR_NATIVE_WS|WS_ERR)_\w+/g) ?? []
  const inSources = new Set(sources.flatMap(codesIn))
  assert.deepEqual([...new Set(codesIn(read('docs/errors.md')))].sort(), [...inSources].sort())
})

test('files that the documents point to exist', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/README.md']
  documents.push(...readdirSync(`${root}docs`).map((name) => `docs/${name}`))
  for (const document of documents.filter((name) => name.endsWith('.md'))) {
    const folder = document.slice(0, document.lastIndexOf('/') + 1)
    for (const [, target] of read(document).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(`${root}${folder}${target}`), `${document} points to ${target}`)
    }
  }
})
