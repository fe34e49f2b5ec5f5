// Waiting. Every wait of a test has a deadline, and says what it waited for.

/** Far more than anything takes on a quiet machine; an emulated one asks for more. */
export const DEADLINE_MS = 20_000 * Number(process.env.DEADLINE_FACTOR ?? 1)
const POLL_MS = 5

/**
 * The value of a promise that must settle in time.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {string} what Named in the error when the deadline passes
 * @param {number} [milliseconds]
 * @returns {Promise<T>}
 */
export async function within(promise, what, milliseconds = DEADLINE_MS) {
  let timer
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(tooLate(what, milliseconds)), milliseconds)
  })
  try {
    return await Promise.race([promise, deadline])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Polls until a condition holds: for states that no event announces, such as the size of `clients`.
 *
 * @template T
 * @param {() => T | Promise<T>} condition
 * @param {string | (() => string)} what A function is asked once the deadline has passed
 * @param {number} [milliseconds]
 * @returns {Promise<T>} the first truthy value
 */
export async function until(condition, what, milliseconds = DEADLINE_MS) {
  const end = performance.now() + milliseconds
  for (;;) {
    const value = await condition()
    if (value) return value
    if (performance.now() > end) {
      throw tooLate(typeof what === 'function' ? what() : what, milliseconds)
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

function tooLate(what, milliseconds) {
  return new Error(`${what}: not within ${milliseconds} ms`)
}
