// A folder with the files of a small application.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export class Project {
  /**
   * @param {Record<string, string>} [files] Texts by name; a name may contain folders
   * @param {string} [prefix] Of the folder's name
   */
  constructor(files = {}, prefix = 'vite-native-ws-') {
    this.root = mkdtempSync(join(tmpdir(), prefix))
    for (const [name, text] of Object.entries(files)) this.write(name, text)
  }

  /** A project that is removed after the test. */
  static make(t, files) {
    const project = new Project(files)
    t.after(() => project.remove())
    return project
  }

  path(name) {
    return join(this.root, name)
  }

  /** @returns {string} the file's path */
  write(name, text) {
    const path = this.path(name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  remove() {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 })
  }
}
