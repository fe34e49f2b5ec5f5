// A self-signed certificate, made in memory: no key lies in the repository.
import { generate } from 'selfsigned'

const DAY_MS = 24 * 60 * 60 * 1000
const DNS_NAME = 2
const IP_ADDRESS = 7

let made

/** @returns {Promise<{ key: string, cert: string }>} PEM for localhost and 127.0.0.1, for a week */
export function selfSigned() {
  made ??= make()
  return made
}

async function make() {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - DAY_MS),
    notAfterDate: new Date(Date.now() + 7 * DAY_MS),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: DNS_NAME, value: 'localhost' },
          { type: IP_ADDRESS, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return { key, cert }
}
