// Prints what CHANGELOG.md says of the version in package.json; fails if it says nothing.
import { readFileSync } from 'node:fs'

const read = (name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
const { version } = JSON.parse(read('package.json'))
const sections = read('CHANGELOG.md').split(/^## /m).slice(1)
const section = sections.find((text) => text.split(/\s/, 1)[0] === version)
const notes = section?.split('\n').slice(1).join('\n').trim()
if (notes) console.log(notes)
else {
  console.error(`CHANGELOG.md has no section "## ${version}" with a text`)
  process.exitCode = 1
}
