import { checker } from './checker.mjs'
import { react } from './react.mjs'
import { reactRouter } from './react-router.mjs'
import { svelte } from './svelte.mjs'
import { sveltekit } from './sveltekit.mjs'
import { vanilla } from './vanilla.mjs'
import { vitepress } from './vitepress.mjs'
import { vue } from './vue.mjs'

/** @type {import('./app.mjs').App[]} */
export const APPS = [
  vanilla(),
  vue(8),
  react,
  svelte,
  vue(7),
  vue(6),
  vue(5),
  vitepress,
  reactRouter,
  sveltekit,
  vanilla({ name: 'bundled', options: 'experimental: { bundledDev: true },', keeps: false }),
  checker,
]

/** @param {string} name */
export function appNamed(name) {
  const app = APPS.find((one) => one.name === name)
  if (!app) {
    throw new Error(
      `there is no app named ${name}; there are ${APPS.map((one) => one.name).join(', ')}`,
    )
  }
  return app
}
