// An app with its dev server and its two tabs, for one episode after another.
import { DevServer } from './dev-server.mjs'
import { ensurePackages } from './packages.mjs'
import { Project } from './project.mjs'
import { Tab } from './tab.mjs'

export class Stage {
  #undo = []

  /**
   * @param {object} options
   * @param {import('playwright-core').Browser} options.browser
   * @param {import('./apps/app.mjs').App} options.app
   * @param {import('./dev-server.mjs').Transport} options.transport
   * @param {'native' | 'vite'} options.engine
   * @param {number} options.deadline Milliseconds after an outage.
   */
  static async open({ browser, app, transport, engine, deadline }) {
    const stage = new Stage()
    try {
      const packages = ensurePackages(app.packages)
      const project = new Project(app, packages)
      stage.#undo.push(() => project.remove())
      const { command } = app
      const { root } = project
      const server = await DevServer.start({ root, command, packages, transport, engine })
      stage.#undo.push(() => server.stop())
      Object.assign(stage, { app, engine, deadline, project, server })
      for (const name of ['stayed', 'left']) {
        stage[name] = await Tab.open(browser, server)
        stage.#undo.push(() => stage[name].close())
      }
      // What is bundled and loaded for the first time is no matter of an episode's.
      await stage.stayed.visit(app.path)
      return stage
    } catch (error) {
      await stage.close()
      throw error
    }
  }

  async close() {
    while (this.#undo.length > 0) await this.#undo.pop()()
  }
}
