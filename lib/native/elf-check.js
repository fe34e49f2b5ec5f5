'use strict'

const { closeSync, openSync, readSync, fstatSync } = require('node:fs')

/** The ELF header of 64-bit files: magic, class, byte order, and where the last table stands. */
const ELF_HEADER_BYTES = 64
const ELF_64_LITTLE_ENDIAN = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1])

/**
 * Why the binary of this platform must not be handed to the loader: the C library of Linux ends
 * the process (SIGBUS) on a file that is shorter than it says, as a broken download is.
 *
 * @returns {string | undefined}
 */
function binaryObstacle() {
  if (process.platform !== 'linux') return undefined
  for (const libc of ['gnu', 'musl']) {
    const platform = `linux-${process.arch}-${libc}`
    for (const name of [`./vite-native-ws.${platform}.node`, `vite-native-ws-${platform}`]) {
      const path = resolve(name)
      if (path && isCutShort(path)) return `${path} is cut short.`
    }
  }
  return undefined
}

/**
 * The package that brings the binary for this platform.
 *
 * @returns {string}
 */
function platformPackage() {
  const { platform, arch } = process
  const abi = platform === 'win32' ? '-msvc' : platform === 'linux' ? `-${libc()}` : ''
  return `vite-native-ws-${platform}-${arch}${abi}`
}

function libc() {
  const report = /** @type {any} */ (process.report.getReport())
  return report.header.glibcVersionRuntime ? 'gnu' : 'musl'
}

/** @param {string} name */
function resolve(name) {
  try {
    return require.resolve(name)
  } catch {
    return undefined
  }
}

/**
 * Whether an ELF file ends before its table of sections, which linkers put last.
 *
 * @param {string} path
 */
function isCutShort(path) {
  const file = openSync(path, 'r')
  try {
    const header = Buffer.alloc(ELF_HEADER_BYTES)
    const length = readSync(file, header, 0, ELF_HEADER_BYTES, 0)
    if (!header.subarray(0, ELF_64_LITTLE_ENDIAN.length).equals(ELF_64_LITTLE_ENDIAN)) return false
    const end =
      Number(header.readBigUInt64LE(40)) + header.readUInt16LE(58) * header.readUInt16LE(60)
    return length < ELF_HEADER_BYTES || fstatSync(file).size < end
  } finally {
    closeSync(file)
  }
}

module.exports = { binaryObstacle, platformPackage }
