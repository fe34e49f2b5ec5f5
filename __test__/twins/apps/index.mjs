import { vanilla } from './vanilla.mjs'
import { vue } from './vue.mjs'

/** @type {import('./app.mjs').App[]} */
export const APPS = [vanilla(), vue(8)]

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
