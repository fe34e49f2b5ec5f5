/**
 * A scenario: played on each major of Vite, with Vite's own server and with ours. What it observes
 * must be the same on both.
 *
 * @typedef {object} Scenario
 * @property {string} name Unique; `--only` takes it, and docs/differences.md names it
 * @property {string} covers A sentence: the behaviour that is compared
 * @property {(t: import('./scenario-context.mjs').ScenarioContext) => Promise<unknown>} run Plays it;
 *   throws where an expectation does not hold on either server
 * @property {boolean} [quick] Whether it belongs to the quick part, which `npm test` runs
 * @property {number[]} [majors] The majors that it is about; all of them by default
 * @property {string} [why] Why it says nothing about the other majors
 * @property {'chromium' | 'frameworks'} [needs] What must be installed, else it is left out
 * @property {boolean} [exclusive] It needs a fixed port of the machine, so that no other such
 *   scenario may run beside it
 * @property {boolean} [uncaught] Errors that nobody catches are observed, and fail nothing
 * @property {boolean} [lingers] Ends that fail or take too long fail nothing
 * @property {boolean} [fresh] The next scenario gets a process of its own
 *
 * @typedef {object} Result What one scenario said of one server
 * @property {string} name
 * @property {Record<string, unknown>} observations What is compared, by name
 * @property {string | null} failure Why an expectation did not hold
 * @property {{ level: string, text: string }[]} log
 * @property {boolean} lingers Whether its process has to be replaced
 * @property {number} ms
 */

export {}
