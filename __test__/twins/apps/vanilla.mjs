// Modules without a framework, each of which accepts itself.
import { configuration, LOOK, openBracket, page, rule, VITE } from './app.mjs'

const show = (id, value) => `document.querySelector('#${id}').textContent = ${value}
import.meta.hot.accept()
`

/** @param {Partial<import('./app.mjs').App> & { options?: string }} [over] */
export function vanilla({ options = '', ...over } = {}) {
  return {
    name: 'vanilla',
    packages: 'vite8',
    command: VITE,
    slots: {
      script: { file: 'card.js' },
      template: { file: 'view.js', after: 'script' },
      style: { file: 'style.css' },
      shared: { file: 'shared.js' },
      html: { file: 'index.html', reloads: true },
      main: { file: 'main.js', reloads: true },
    },
    breaks: { 'card.js': openBracket, 'shared.js': openBracket },
    source: ({ script, template, style, shared, html, main }) => ({
      'index.html': page(
        `<p id="main"></p><p id="card"></p><p id="view"></p><p id="other"></p>${LOOK}`,
        html,
      ),
      'main.js': `import './style.css'
import './card.js'
import './other.js'
document.querySelector('#main').textContent = '${main}'
`,
      'card.js': `import { view } from './view.js'
const script = '${script}'
${show('card', "script + view('card')")}`,
      'view.js': `import { shared } from './shared.js'
export const view = (name) => name + '${template}' + shared
`,
      'other.js': `import { shared } from './shared.js'
${show('other', 'shared')}`,
      'shared.js': `export const shared = '${shared}'\n`,
      'style.css': rule('.look', style),
      'vite.config.mjs': configuration({ rest: options }),
    }),
    ...over,
  }
}
