const UNITS = ['B', 'KiB', 'MiB']

/** @param {number} bytes */
export function sizeName(bytes) {
  const unit = bytes < 1024 ? 0 : bytes < 1024 ** 2 ? 1 : 2
  return `${bytes / 1024 ** unit} ${UNITS[unit]}`
}
