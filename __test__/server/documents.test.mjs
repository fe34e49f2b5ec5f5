// What the documents say about options, codes and files is what there is.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const { defaultOptions, optionNames } = require('../../lib/options.js')
const constants = require('../../lib/native/constants.js')

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path) => readFileSync(`${root}${path}`, 'utf8')

/** Variables of terminals and of the package `debug`, which are not ours to document. */
const FOREIGN_VARIABLES = ['CI', 'DEBUG_HIDE_DATE', 'FORCE_COLOR', 'NO_COLOR', 'TERM']

/** The text of all files of ours in some folders, their rooms included. */
function sourcesOf(...folders) {
  return folders.flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true })
      .filter((name) => /\.(js|mjs|rs)$/.test(name) && !name.endsWith('native.js'))
      .map((name) => read(`${folder}/${name}`)),
  )
}

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

/** The text of a default as documents write it. */
const written = (value) => (typeof value === 'string' ? `'${value}'` : String(value))

/** The default in a comment: `@default 20000`. */
const defaultIn = (comment) => /@default (.*)/.exec(comment)?.[1].trim()

test('the options are the same in the code, in index.d.ts and in the README', () => {
  const names = [...membersOf('NativeWsOptions').keys()].sort()
  assert.deepEqual(optionNames().sort(), names)
  assert.deepEqual([...optionsOfReadme().keys()].sort(), names)
  for (const [option, type] of Object.entries(GROUPS)) {
    assert.deepEqual(optionNames(option).sort(), [...membersOf(type).keys()].sort(), option)
  }
})

test('defaults in index.d.ts and in the README are those in force', () => {
  const readme = optionsOfReadme()
  const defaults = defaultOptions()
  for (const [name, comment] of membersOf('NativeWsOptions')) {
    if (name === 'viteVersion') continue
    const value = name in GROUPS ? 'true' : written(defaults[name])
    assert.equal(defaultIn(comment), value, `index.d.ts: ${name}`)
    assert.equal(readme.get(name).value, value, `README: ${name}`)
  }
  for (const [option, type] of Object.entries(GROUPS)) {
    const { meaning } = readme.get(option)
    for (const [name, comment] of membersOf(type)) {
      const value = written(defaults[option][name])
      assert.equal(defaultIn(comment), value, `index.d.ts: ${option}.${name}`)
      const [, inReadme] = new RegExp(`\`${name}\`[^\`]*\\(\`(\\w+)\``).exec(meaning) ?? []
      assert.equal(inReadme, value, `README: ${option}.${name}`)
    }
  }
})

test('the reasons why a client left are the same in the addon and in the documents', () => {
  const types = read('index.d.ts')
  const start = types.indexOf('export type DisconnectReason')
  const union = types.slice(start, types.indexOf('\n\n', start))
  assert.deepEqual(
    Array.from(union.matchAll(/'(\w+)'/g), ([, name]) => name),
    [...constants.disconnectReasons],
  )
  for (const name of constants.disconnectReasons) {
    assert.match(read('docs/inspector.md'), new RegExp(`\`${name}\``), name)
  }
})

test('every environment variable that is read is in the README', () => {
  const sources = sourcesOf('lib', 'src').join('\n')
  const names = new Set(sources.match(/\bVITE_NATIVE_WS\w*/g))
  for (const [, name] of sources.matchAll(/\benv(?:\.|\[')([A-Z_]+)/g)) names.add(name)
  for (const name of names) {
    if (!FOREIGN_VARIABLES.includes(name)) assert.ok(read('README.md').includes(`\`${name}`), name)
  }
})

test('every code is in docs/errors.md and the other way round', () => {
  const codesIn = (text) => text.match(/\b(?:ERR_NATIVE_WS|WS_ERR)_\w+/g) ?? []
  const inSources = new Set(sourcesOf('lib', 'src').flatMap(codesIn))
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

test('files of the code that the documents name exist', () => {
  const documents = readdirSync(`${root}docs`).filter((name) => name.endsWith('.md'))
  for (const document of [
    'README.md',
    'CONTRIBUTING.md',
    ...documents.map((name) => `docs/${name}`),
  ]) {
    for (const [, path] of read(document).matchAll(
      /`((?:lib|src|tests|scripts|__test__)\/[\w./-]+)`/g,
    )) {
      assert.ok(existsSync(`${root}${path}`), `${document} names ${path}`)
    }
  }
})

test('the two bounds on what waits for a client are those of the addon', () => {
  const { highWaterMark, hardLimitFactor, stall } = constants.defaults
  const mib = (bytes) => `${bytes / 1024 / 1024} MiB`
  assert.equal(stall, 1000, 'the documents say a second')
  assert.equal(hardLimitFactor, 8, 'and eight times')
  for (const path of ['README.md', 'docs/differences.md', 'CHANGELOG.md']) {
    for (const bound of [mib(highWaterMark), mib(highWaterMark * hardLimitFactor)]) {
      assert.ok(read(path).includes(bound), `${path}: ${bound}`)
    }
  }
  assert.ok(read('index.d.ts').includes(mib(highWaterMark * hardLimitFactor)))
})
