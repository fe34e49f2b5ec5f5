import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { hasChromium } from '../support/browser.mjs'

export const MAJORS = [5, 6, 7, 8]

/** Whose server, and how a socket gets to it. */
export const COLUMNS = ['vite', 'adopted', 'bridged']

/** Vite's own a second time, on request: shows what a scenario observes by chance. */
export const AGAIN = 'again'

export function isOurs(column) {
  return column === 'adopted' || column === 'bridged'
}

const FRAMEWORKS = fileURLToPath(new URL('./frameworks/node_modules', import.meta.url))
const MISSING = {
  chromium: () => (hasChromium() ? null : 'there is no Chromium'),
  frameworks: () =>
    existsSync(FRAMEWORKS) ? MISSING.chromium() : 'the packages of frameworks/ are not installed',
}

/**
 * Why a scenario says nothing about a major, or `null`.
 *
 * @param {import('./scenario.mjs').Scenario} scenario
 * @param {number} major
 */
export function inapplicable(scenario, major) {
  if (scenario.majors && !scenario.majors.includes(major)) return scenario.why
  return MISSING[scenario.needs]?.() ?? null
}
