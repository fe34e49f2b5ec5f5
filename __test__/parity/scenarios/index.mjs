import buffering from './buffering.mjs'
import chromium from './chromium.mjs'
import closing from './closing.mjs'
import connect from './connect.mjs'
import events from './events.mjs'
import frameworks from './frameworks.mjs'
import invoke from './invoke.mjs'
import json from './json.mjs'
import limits from './limits.mjs'
import middleware from './middleware.mjs'
import neighbours from './neighbours.mjs'
import ordering from './ordering.mjs'
import plugins from './plugins.mjs'
import ports from './ports.mjs'
import recipes from './recipes.mjs'
import restart from './restart.mjs'
import security from './security.mjs'
import servers from './servers.mjs'
import sockets from './sockets.mjs'
import updates from './updates.mjs'
import versions from './versions.mjs'

const groups = [
  connect,
  security,
  updates,
  buffering,
  events,
  invoke,
  ports,
  middleware,
  restart,
  servers,
  closing,
  neighbours,
  plugins,
  sockets,
  ordering,
  json,
  limits,
  versions,
  chromium,
  frameworks,
  recipes,
]

/** @type {import('../scenario.mjs').Scenario[]} */
export const scenarios = groups.flat()
export const byName = new Map(scenarios.map((scenario) => [scenario.name, scenario]))
if (byName.size !== scenarios.length) throw new Error('two scenarios have the same name')
