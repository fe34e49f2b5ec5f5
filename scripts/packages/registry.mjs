// A registry on this machine that has the packages of this release and sends on to the real one
// for all others: so that package managers choose the platform themselves, as they will from npm.

import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import http from 'node:http'

/**
 * @typedef {object} Registry
 * @property {string} url
 * @property {Set<string>} fetched names of our packages whose tarballs were asked for
 * @property {() => Promise<void>} close
 */

/**
 * @param {object} options
 * @param {import('./tarballs.mjs').Tarball[]} options.tarballs
 * @param {Record<string, any>[]} options.manifests of packages that exist, but have no tarball here
 * @param {string} options.upstream the real registry
 * @returns {Promise<Registry>}
 */
export async function openRegistry({ tarballs, manifests, upstream }) {
  const fetched = new Set()
  const packed = new Map(tarballs.map((tarball) => [tarball.name, tarball]))
  const known = new Map(manifests.map((manifest) => [manifest.name, manifest]))
  for (const tarball of tarballs) known.set(tarball.name, tarball.manifest)

  const server = http.createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, url).pathname).slice(1)
    const [name, version] = path.split('/-/')
    const manifest = known.get(name)
    if (!manifest) {
      response.writeHead(302, { location: new URL(request.url.slice(1), upstream).href }).end()
    } else if (version === undefined) {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(packument(manifest, packed.get(name), url)))
    } else {
      fetched.add(name)
      const tarball = packed.get(name)
      if (tarball) createReadStream(tarball.path).pipe(response)
      else response.writeHead(404).end()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}/`
  const close = () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url, fetched, close }
}

function packument(manifest, tarball, url) {
  const { name, version } = manifest
  const dist = { tarball: `${url}${name}/-/${name}-${version}.tgz` }
  if (tarball) dist.integrity = tarball.integrity
  return {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...manifest, dist } },
  }
}
