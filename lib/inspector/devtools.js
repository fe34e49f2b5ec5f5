'use strict'

const { pathOf } = require('./path.js')

/** A drawing of its own: names of icons would be looked up elsewhere. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#7c6cf0" d="M13 2 4 14h6l-1 8 9-12h-6z"/></svg>',
)}`

/**
 * Puts the inspector into the dock of Vite DevTools (`@vitejs/devtools` 0.8, the `devtools.setup`
 * hook of a plugin). Other versions may have no docks, or others.
 *
 * @param {any} context The hook's argument.
 */
function addDock({ docks, viteConfig }) {
  if (typeof docks?.register !== 'function') return
  docks.register({
    id: 'vite-native-ws',
    title: 'Hot updates',
    description: 'Clients, messages and reloads, of vite-native-ws',
    icon: ICON,
    type: 'iframe',
    url: `${pathOf(viteConfig.base)}/`,
  })
}

module.exports = { addDock }
