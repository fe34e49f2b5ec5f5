// npm run pack: the tarballs of the main package and of this platform's, for an app that is to try
// this clone; see "In your own app" in README.md. An argument is the folder where they go.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { thisPlatform } from './packages/platform.mjs'
import { faults, kB, packMain, packPlatform } from './packages/tarballs.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = resolve(process.argv[2] ?? join(root, 'target', 'packages'))
const stage = mkdtempSync(join(tmpdir(), 'vite-native-ws-pack-'))
try {
  mkdirSync(folder, { recursive: true })
  const main = packMain(root, folder)
  const platform = packPlatform(root, folder, thisPlatform(), { stage })
  const found = faults(main, platform)
  if (found.length > 0) throw new Error(found.join('\n'))
  for (const { path, packedBytes } of [main, platform])
    console.error(`${path} (${kB(packedBytes)})`)
  console.error('\nIn your app:')
  console.log(`npm install -D ${main.path} ${platform.path}`)
} catch (error) {
  console.error(`pack: ${error.message}`)
  process.exitCode = 1
} finally {
  rmSync(stage, { recursive: true, force: true })
}
