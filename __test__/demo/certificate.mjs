// A self-signed certificate made in memory: no key lies in the repository, and nobody needs openssl.

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

const day = 24 * 60 * 60 * 1000

// Object identifiers, already in DER.
const ecdsaWithSha256 = tlv(0x30, Buffer.from('06082a8648ce3d040302', 'hex'))
const commonName = Buffer.from('0603550403', 'hex')
const subjectAltName = Buffer.from('0603551d11', 'hex')

/** @returns {{ key: string, cert: string }} PEM for localhost and 127.0.0.1, valid for a week */
export function selfSigned() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const body = toBeSigned(publicKey.export({ type: 'spki', format: 'der' }))
  const cert = sequence(body, ecdsaWithSha256, bitString(sign('sha256', body, privateKey)))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem('CERTIFICATE', cert),
  }
}

function toBeSigned(publicKey) {
  const name = sequence(tlv(0x31, sequence(commonName, utf8('localhost'))))
  return sequence(
    tlv(0xa0, integer(Buffer.from([2]))),
    integer(serial()),
    ecdsaWithSha256,
    name,
    sequence(utcTime(Date.now() - day), utcTime(Date.now() + 7 * day)),
    name,
    publicKey,
    tlv(0xa3, sequence(sequence(subjectAltName, tlv(0x04, alternativeNames())))),
  )
}

function alternativeNames() {
  return sequence(tlv(0x82, Buffer.from('localhost')), tlv(0x87, Buffer.from([127, 0, 0, 1])))
}

/** A serial number is positive: its first byte lies in 1..127. */
function serial() {
  const bytes = randomBytes(8)
  bytes[0] = (bytes[0] & 0x7f) | 0x01
  return bytes
}

function sequence(...parts) {
  return tlv(0x30, Buffer.concat(parts))
}

function integer(bytes) {
  return tlv(0x02, bytes)
}

function utf8(text) {
  return tlv(0x0c, Buffer.from(text))
}

function bitString(bytes) {
  return tlv(0x03, Buffer.concat([Buffer.from([0]), bytes]))
}

function utcTime(time) {
  const digits = new Date(time).toISOString().replace(/\D/g, '').slice(2, 14)
  return tlv(0x17, Buffer.from(`${digits}Z`))
}

function tlv(tag, content) {
  const { length } = content
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(length)]), content])
}

/** DER wants the shortest form, and Chromium holds a certificate to it. */
function lengthBytes(length) {
  if (length < 0x80) return [length]
  if (length < 0x100) return [0x81, length]
  return [0x82, length >> 8, length & 0xff]
}

function pem(label, der) {
  const lines = der.toString('base64').match(/.{1,64}/g)
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
