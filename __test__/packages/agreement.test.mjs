// The check of a release: the repository as it is, and with one thing wrong at a time.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  disagreements,
  lockEntry,
  optionalDependencies,
  platformManifest,
} from '../../scripts/packages/agreement.mjs'

const targets = [
  { platform: 'linux', arch: 'x64', abi: 'musl', platformArchABI: 'linux-x64-musl' },
  { platform: 'win32', arch: 'arm64', abi: 'msvc', platformArchABI: 'win32-arm64-msvc' },
]

/** A release in which everything agrees. */
function release() {
  const manifest = {
    name: 'some-addon',
    version: '1.2.3',
    license: 'MIT',
    engines: { node: '>=20' },
    files: ['lib', '!lib/native/*.node'],
    napi: { binaryName: 'addon' },
    optionalDependencies: {},
  }
  manifest.optionalDependencies = optionalDependencies({ manifest, targets })
  const platforms = Object.fromEntries(
    targets.map((target) => [target.platformArchABI, platformManifest(manifest, target)]),
  )
  const packages = {
    '': { version: '1.2.3', optionalDependencies: { ...manifest.optionalDependencies } },
  }
  for (const platform of Object.values(platforms)) {
    packages[`node_modules/${platform.name}`] = lockEntry(platform)
  }
  return {
    manifest,
    targets,
    platforms,
    lock: { version: '1.2.3', packages },
    crates: { 'Cargo.toml': '1.2.3' },
    loader: `require('some-addon-linux-x64-musl') require('some-addon-win32-arm64-msvc') '1.2.3'`,
    tag: 'v1.2.3',
  }
}

test('a release in which everything agrees', () => {
  assert.deepEqual(disagreements(release()), [])
})

test('a lock file that npm has added hashes to', () => {
  const published = release()
  const entry = published.lock.packages['node_modules/some-addon-linux-x64-musl']
  Object.assign(entry, { resolved: 'somewhere', integrity: 'sha512-x' })
  assert.deepEqual(disagreements(published), [])
})

/** What is broken, how, and the beginning of the one line that must say so. */
const breakages = {
  'the version of the crate': [
    (broken) => {
      broken.crates['Cargo.toml'] = '1.2.2'
    },
    'Cargo.toml: the version of some-addon is "1.2.2", must be "1.2.3"',
  ],
  'the version of a platform': [
    (broken) => {
      broken.platforms['linux-x64-musl'].version = '1.2.2'
    },
    'npm/linux-x64-musl/package.json: version is "1.2.2", must be "1.2.3"',
  ],
  'the C library of a platform': [
    (broken) => {
      delete broken.platforms['linux-x64-musl'].libc
    },
    'npm/linux-x64-musl/package.json: libc is missing, must be ["musl"]',
  ],
  'the processor of a platform': [
    (broken) => {
      broken.platforms['win32-arm64-msvc'].cpu = ['x64']
    },
    'npm/win32-arm64-msvc/package.json: cpu is ["x64"], must be ["arm64"]',
  ],
  'the file of a platform': [
    (broken) => {
      broken.platforms['win32-arm64-msvc'].files = ['other.node']
    },
    'npm/win32-arm64-msvc/package.json: files is ["other.node"], must be ["addon.win32-arm64',
  ],
  'a platform without a folder': [
    (broken) => {
      delete broken.platforms['win32-arm64-msvc']
    },
    'npm/win32-arm64-msvc/package.json: the file is missing',
  ],
  'a folder without a target': [
    (broken) => {
      broken.platforms['linux-s390x-gnu'] = {}
    },
    'npm/linux-s390x-gnu: a folder without a target',
  ],
  'a range instead of a version': [
    (broken) => {
      broken.manifest.optionalDependencies['some-addon-linux-x64-musl'] = '^1.2.3'
    },
    'package.json: optionalDependencies is {',
  ],
  'an install script': [
    (broken) => {
      broken.manifest.scripts = { postinstall: 'node install.js' }
    },
    'package.json: scripts.postinstall is "node install.js", must be missing',
  ],
  'a runtime dependency': [
    (broken) => {
      broken.manifest.dependencies = { ws: '8' }
    },
    'package.json: dependencies is {"ws":"8"}, must be missing',
  ],
  'the binary of this machine in the main package': [
    (broken) => {
      broken.manifest.files = ['lib']
    },
    'package.json: files excluding "!lib/native/*.node" is false',
  ],
  'a platform that the lock file lacks': [
    (broken) => {
      delete broken.lock.packages['node_modules/some-addon-linux-x64-musl']
    },
    'package-lock.json: packages["node_modules/some-addon-linux-x64-musl"] is missing',
  ],
  'a platform that only the lock file has': [
    (broken) => {
      broken.lock.packages['node_modules/some-addon-linux-arm-gnu'] = {}
    },
    'package-lock.json: packages["node_modules/some-addon-linux-arm-gnu"] having a target is false',
  ],
  'a loader made for other targets': [
    (broken) => {
      broken.loader = "require('some-addon-linux-x64-musl') '1.2.3'"
    },
    'lib/native/native.js: made for other versions or targets',
  ],
  'the tag': [
    (broken) => {
      broken.tag = 'v1.2.4'
    },
    'the git tag: its name is "v1.2.4", must be "v1.2.3"',
  ],
}

for (const [what, [damage, line]] of Object.entries(breakages)) {
  test(`found: ${what}`, () => {
    const broken = release()
    damage(broken)
    const found = disagreements(broken)
    assert.equal(found.length, 1, found.join('\n'))
    assert.ok(found[0].startsWith(line), found[0])
  })
}
