/**
 * Nanoseconds of CLOCK_MONOTONIC, which all processes of a run share. Node's `hrtime` reads it;
 * Bun's begins with the process.
 */
export const now = process.versions.bun
  ? await monotonicInBun()
  : () => Number(process.hrtime.bigint())

async function monotonicInBun() {
  const { dlopen, ptr } = await import('bun:ffi')
  const CLOCK_MONOTONIC = 1
  const { symbols } = dlopen('libc.so.6', {
    clock_gettime: { args: ['i32', 'ptr'], returns: 'i32' },
  })
  const time = new BigInt64Array(2)
  const place = ptr(time)
  return () => {
    symbols.clock_gettime(CLOCK_MONOTONIC, place)
    return Number(time[0]) * 1e9 + Number(time[1])
  }
}
