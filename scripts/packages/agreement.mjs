// What the packages of one release must say of each other. package.json is what the others follow.
import { isDeepStrictEqual } from 'node:util'

/**
 * @typedef {object} Target one of `napi.targets`, as napi-rs parses it
 * @property {string} platform
 * @property {string} arch
 * @property {string | null} abi
 * @property {string} platformArchABI
 *
 * @typedef {object} Release
 * @property {Record<string, any>} manifest the main package's package.json
 * @property {Target[]} targets
 * @property {Record<string, Record<string, any>>} platforms package.json by folder of npm/
 * @property {Record<string, any>} lock package-lock.json
 * @property {Record<string, string | undefined>} crates the crate's version by Cargo file
 * @property {string} [loader] the generated lib/native/native.js, where the addon has been built
 * @property {string} [tag] the git tag of a release
 */

/** What napi-rs copies into the package of a platform. */
const COPIED = ['description', 'keywords', 'license', 'engines', 'repository', 'homepage', 'bugs']
const LIBC = { gnu: ['glibc'], musl: ['musl'] }
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall']

/**
 * @param {Record<string, any>} manifest
 * @param {Target} target
 * @returns {Record<string, any>} the package.json of the platform's package
 */
export function platformManifest(manifest, target) {
  const binary = `${manifest.napi.binaryName}.${target.platformArchABI}.node`
  const libc = target.platform === 'linux' ? LIBC[target.abi] : undefined
  const copied = COPIED.filter((key) => manifest[key] !== undefined)
  return {
    name: `${manifest.name}-${target.platformArchABI}`,
    version: manifest.version,
    cpu: [target.arch],
    main: binary,
    files: [binary],
    ...Object.fromEntries(copied.map((key) => [key, manifest[key]])),
    os: [target.platform],
    ...(libc && { libc }),
  }
}

/**
 * @param {Release} release
 * @returns {Record<string, string>} what the main package's `optionalDependencies` must be
 */
export function optionalDependencies({ manifest, targets }) {
  const names = targets.map((target) => `${manifest.name}-${target.platformArchABI}`).sort()
  return Object.fromEntries(names.map((name) => [name, manifest.version]))
}

/**
 * What npm would write into its lock file. It can't itself before the packages are published: it
 * leaves out what it does not find.
 *
 * @param {Record<string, any>} platform
 */
export function lockEntry({ version, cpu, libc, license, os, engines }) {
  return { version, cpu, ...(libc && { libc }), license, optional: true, os, engines }
}

/**
 * @param {Release} release
 * @returns {string[]} one line for everything that has to change; none if all agree
 */
export function disagreements(release) {
  const found = []
  const expect = (file, what, actual, wanted) => {
    if (isDeepStrictEqual(actual, wanted)) return
    found.push(`${file}: ${what} is ${show(actual)}, must be ${show(wanted)}`)
  }
  checkMain(release, expect)
  checkPlatforms(release, expect)
  checkLock(release, expect)
  for (const [file, version] of Object.entries(release.crates)) {
    expect(file, `the version of ${release.manifest.name}`, version, release.manifest.version)
  }
  if (release.loader !== undefined && !isCurrent(release)) {
    found.push('lib/native/native.js: made for other versions or targets; run npm run build')
  }
  return found
}

function checkMain(release, expect) {
  const { manifest, tag } = release
  const wanted = optionalDependencies(release)
  expect('package.json', 'optionalDependencies', manifest.optionalDependencies, wanted)
  expect('package.json', 'dependencies', manifest.dependencies, undefined)
  for (const name of INSTALL_SCRIPTS) {
    expect('package.json', `scripts.${name}`, manifest.scripts?.[name], undefined)
  }
  const keepsBinaryOut = manifest.files?.includes('!lib/native/*.node')
  expect('package.json', 'files excluding "!lib/native/*.node"', keepsBinaryOut, true)
  if (tag !== undefined) expect('the git tag', 'its name', tag, `v${manifest.version}`)
}

function checkPlatforms({ manifest, targets, platforms }, expect) {
  const known = new Set(targets.map((target) => target.platformArchABI))
  for (const folder of Object.keys(platforms)) {
    if (!known.has(folder)) expect(`npm/${folder}`, 'a folder without a target', true, false)
  }
  for (const target of targets) {
    const file = `npm/${target.platformArchABI}/package.json`
    const actual = platforms[target.platformArchABI]
    if (!actual) {
      expect(file, 'the file', undefined, 'there')
      continue
    }
    const wanted = platformManifest(manifest, target)
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(actual)])) {
      expect(file, key, actual[key], wanted[key])
    }
  }
}

function checkLock(release, expect) {
  const { manifest, targets, lock } = release
  const file = 'package-lock.json'
  const main = lock.packages?.['']
  expect(file, 'version', lock.version, manifest.version)
  expect(file, 'packages[""].version', main?.version, manifest.version)
  const wanted = optionalDependencies(release)
  expect(file, 'packages[""].optionalDependencies', main?.optionalDependencies, wanted)
  for (const target of targets) {
    const platform = platformManifest(manifest, target)
    const path = `node_modules/${platform.name}`
    const entry = lock.packages?.[path]
    // Once published, npm adds where it comes from and what it must hash to.
    const { resolved: _resolved, integrity: _integrity, ...actual } = entry ?? {}
    expect(file, `packages["${path}"]`, entry && actual, lockEntry(platform))
  }
  const prefix = `node_modules/${manifest.name}-`
  const listed = Object.keys(lock.packages ?? {}).filter((path) => path.startsWith(prefix))
  for (const path of listed) {
    const isWanted = path.slice('node_modules/'.length) in wanted
    expect(file, `packages["${path}"] having a target`, isWanted, true)
  }
}

function isCurrent({ manifest, targets, loader }) {
  return (
    loader.includes(`'${manifest.version}'`) &&
    targets.every((target) => loader.includes(`'${manifest.name}-${target.platformArchABI}'`))
  )
}

function show(value) {
  return value === undefined ? 'missing' : JSON.stringify(value)
}
