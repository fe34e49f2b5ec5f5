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

/** @returns {{ address?: string, wrong?: string, help?: boolean, json?: boolean, quick?: boolean }} */
function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        quick: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    const [command, given, ...more] = positionals
    if (values.help) return values
    if (command !== 'doctor') return { wrong: command ? `there is no command ${command}` : '' }
    if (given === undefined) return { wrong: 'an address is missing' }
    if (more.length > 0)
      return { wrong: `one address is expected, and not ${more.join(' ')} as well` }
    const address = addressOf(given)
    return address ? { ...values, address } : { wrong: `${given} is no address of http or https` }
  } catch (error) {
    return { wrong: /** @type {Error} */ (error).message }
  }
}

/**
 * The address that is meant: with a scheme, without one, or a port of this machine.
 *
 * @param {string} given
 */
function addressOf(given) {
  if (/^\d{1,5}$/.test(given)) return addressOf(`localhost:${given}`)
  const hasScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(given)
  const address = hasScheme ? given : `http://${given}`
  return /^https?:\/\//i.test(address) && URL.canParse(address) ? address : undefined
}

const { address, help, json, quick, wrong } = readArguments()
if (address) {
  process.exitCode = await main(address)
} else {
  if (wrong) console.error(`vite-native-ws: ${wrong}\n`)
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
        say(
          `${url} is open. To see whether it is kept takes ${milliseconds / 1000} s; --quick leaves that out.`,
        ),
    },
  )
  if (json) console.log(JSON.stringify({ ...withoutToken(facts), diagnosis }, null, 2))
  for (const result of facts.results) say(`  ${result.url}: ${describeResult(result)}`)
  if (facts.results.length > 0) say('')
  say(diagnosis.sentence)
  for (const line of diagnosis.remedy) say(`  ${line}`)
  return diagnosis.isConnected ? 0 : 1
}

/** @param {import('./page/facts.mjs').Facts} facts It may end up in a ticket. */
function withoutToken({ client, ...facts }) {
  return client ? { ...facts, client: { ...client, token: undefined } } : facts
}
