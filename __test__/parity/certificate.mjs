import { generate } from 'selfsigned'

let made

/** A certificate for 127.0.0.1, made once a process: no private key lies in the repository. */
export function selfSigned() {
  made ??= Promise.resolve(
    generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048, algorithm: 'sha256' }),
  ).then(({ private: key, cert }) => ({ key, cert }))
  return made
}
