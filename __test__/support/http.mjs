// One HTTP request, whose headers are the caller's alone.
import http from 'node:http'
import https from 'node:https'
import { within } from './deadline.mjs'

/** Sends a request to this machine and resolves with the answer once its head is there. */
export async function ask({ port, path, headers = {}, method = 'GET', secure = false }) {
  const { request } = secure ? https : http
  const options = { port, host: '127.0.0.1', path, headers, method, agent: false }
  const asked = request({ ...options, rejectUnauthorized: false })
  const response = new Promise((resolve, reject) => {
    asked.on('response', resolve)
    asked.on('error', reject)
  })
  asked.end()
  return { asked, response: await within(response, `an answer to ${path}`) }
}

/** The whole answer to a request. */
export async function fetchText(options) {
  const { response } = await ask(options)
  const chunks = []
  for await (const chunk of response) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString()
  return { status: response.statusCode, headers: response.headers, body }
}
