// The real nginx, HAProxy and Caddy, each with a folder and a port of its own.
import { existsSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Child } from '../support/child.mjs'
import { until } from '../support/deadline.mjs'
import { freePort, isOpen } from '../support/port.mjs'
import { Project } from '../support/project.mjs'

/** Where programs of a system are that are not on everybody's path. */
const FOLDERS = ['/usr/sbin', '/usr/local/sbin']
/** The tree into which `npm run networks` has unpacked those that are not installed. */
const TREE = process.env.NETWORKS_TREE

/** @param {'nginx' | 'haproxy' | 'caddy'} name */
export function findProxy(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...FOLDERS]
  if (TREE) folders.push(join(TREE, 'usr/sbin'), join(TREE, 'usr/bin'))
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** The reason why a proxy cannot be tested here, or false. */
export const missing = (name) =>
  findProxy(name) ? false : `${name} is not there: npm run networks unpacks it on Debian`

/** What stands around a recipe, so that it runs in a folder and without rights. */
const FRAMES = {
  nginx: (text, folder) => `
    pid ${folder}/pid;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    worker_processes 1;
    events {}
    http {
      access_log off;
      ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
      ${text}
    }`,
  haproxy: (text) => text,
  caddy: (text, folder) =>
    `{\n  admin off\n  auto_https off\n  storage file_system ${folder}\n}\n${text}`,
}

const COMMANDS = {
  nginx: (file, folder) => ['-e', 'stderr', '-p', folder, '-c', file, '-g', 'daemon off;'],
  haproxy: (file) => ['-db', '-f', file],
  caddy: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
}

/** Ports and files that stand in a recipe, for those of the test. */
const LISTENS = /(listen |bind :|^:)(?:8080|8443)\b/gm

export class RealProxy {
  /**
   * @param {any} t
   * @param {'nginx' | 'haproxy' | 'caddy'} name
   * @param {string} recipe Its configuration, with the ports and files of the documents
   * @param {object} means
   * @param {number} means.target The port of the dev server
   * @param {Record<string, string>} [means.files] Texts of files, by the paths in the recipe
   */
  static async start(t, name, recipe, means) {
    const proxy = new RealProxy(name, Project.make(t, {}))
    t.after(() => proxy.stop())
    proxy.port = await freePort()
    proxy.configure(recipe, means)
    await proxy.run()
    return proxy
  }

  constructor(name, project) {
    this.name = name
    this.project = project
  }

  configure(recipe, { target, files = {} }) {
    const { root } = this.project
    let text = recipe.replace(LISTENS, (_, before) => `${before}${this.port}`)
    text = text.replaceAll(':5173', `:${target}`)
    for (const [path, content] of Object.entries(files)) {
      const own = join(root, path.replaceAll('/', '_'))
      writeFileSync(own, content)
      text = text.replaceAll(path, own)
    }
    this.file = this.project.write(`${this.name}.conf`, `${FRAMES[this.name](text, root)}\n`)
  }

  async run() {
    const args = COMMANDS[this.name](this.file, this.project.root)
    const library = TREE && join(TREE, 'usr/lib/x86_64-linux-gnu')
    const env = library ? { LD_LIBRARY_PATH: library } : {}
    this.child = new Child(findProxy(this.name), args, { env, cwd: this.project.root })
    const isUp = async () => {
      if (!this.child.isAlive) throw new Error(await this.child.describe())
      return isOpen(this.port)
    }
    await until(isUp, `${this.name} to listen`)
  }

  async stop() {
    if (!this.child?.isAlive) return
    // nginx would leave its workers behind.
    this.child.kill(this.name === 'nginx' ? 'SIGTERM' : 'SIGKILL')
    await this.child.exit
  }

  async restart() {
    await this.stop()
    await this.run()
  }
}
