#!/usr/bin/env node
// Why a page does not connect, asked from a terminal: npx vite-native-ws doctor http://localhost:5173
import { parseArgs } from 'node:util'
import { dial, get } from './dial.mjs'
import { examine } from './page/examination.mjs'
import { describeResult } from './page/report.mjs'

const USAGE = `Usage: vite-native-ws doctor [--json] [--quick] ADDRESS

Tries what Vite's client would try in a page at that address, says why it does not connect, and
what to change. Exits with 0 if it connects, with 1 if it does not, with 2 for wrong usage.

  --json   facts and diagnosis as JSON
  --quick  do not watch whether an idle connection is cut`

const QUICK_MS = 1_000

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, help: { type: 'boolean' } },
    })
    const [command, given = '', ...more] = positionals
    const address = /^https?:\/\//.test(given) ? given : `http://${given}`
    const isRight =
      command === 'doctor' && given !== '' && more.length === 0 && URL.canParse(address)
    return { ...values, address: isRight ? address : undefined }
  } catch {
    return { address: undefined }
  }
}

const { address, help, json, quick } = readArguments()
if (address) {
  process.exitCode = await main(address)
} else {
  console.log(USAGE)
  process.exitCode = help ? 0 : 2
}

/** @param {string} address */
async function main(address) {
  /** @param {string} line It has words of the other end, which are not to reach the terminal's control. */
  const say = (line) => json || console.log(line.replace(/[^\P{Cc}\n]/gu, ''))
  const { facts, diagnosis } = await examine(
    address,
    { dial, get },
    {
      watch: quick ? QUICK_MS : undefined,
      onOpen: (url, milliseconds) =>
        quick ||
        say(`${url} is open. Whether it is kept takes ${milliseconds / 1000} s (--quick).`),
    },
  )
  if (json) console.log(JSON.stringify({ ...withoutToken(facts), diagnosis }, null, 2))
  for (const result of facts.results) say(`  ${result.url}: ${describeResult(result)}`)
  say(`\n${diagnosis.sentence}`)
  for (const line of diagnosis.remedy) say(`  ${line}`)
  return diagnosis.isConnected ? 0 : 1
}

/** @param {import('./page/facts.mjs').Facts} facts It may end up in a ticket. */
function withoutToken({ client, ...facts }) {
  return client ? { ...facts, client: { ...client, token: undefined } } : facts
}
