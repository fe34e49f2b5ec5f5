export const WAIT_MS = 15_000
export const CLEANUP_MS = 10_000
export const SCENARIO_MS = 90_000

export async function within(promise, what, ms = WAIT_MS) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

// For states that announce themselves by no event, such as the size of `clients`.
export async function until(condition, what, ms = WAIT_MS) {
  const end = performance.now() + ms
  for (;;) {
    const value = await condition()
    if (value) return value
    if (performance.now() > end) throw new Error(`waited ${ms} ms until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 4))
  }
}
