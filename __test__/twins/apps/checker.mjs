// An app whose type errors are shown by vite-plugin-checker: its overlay comes as a custom event.
import { configuration } from './app.mjs'
import { vanilla } from './vanilla.mjs'

const base = vanilla()
const TYPESCRIPT = {
  compilerOptions: {
    lib: ['ES2022', 'DOM'],
    module: 'ESNext',
    moduleResolution: 'bundler',
    noEmit: true,
    skipLibCheck: true,
    strict: true,
    target: 'ES2022',
    types: [],
  },
  include: ['typed.ts'],
}

export const checker = {
  ...base,
  name: 'checker',
  slots: { ...base.slots, typed: { file: 'typed.ts' } },
  breaks: { 'typed.ts': (text) => `${text}export const wrong: number = 'text'\n` },
  source: (shown) => {
    const files = base.source(shown)
    return {
      ...files,
      'index.html': files['index.html'].replace('<p id="main">', '<p id="typed"></p><p id="main">'),
      'main.js': `import './typed.ts'\n${files['main.js']}`,
      'typed.ts': `const typed: string = '${shown.typed}'
document.querySelector('#typed')!.textContent = typed
;(import.meta as any).hot.accept()
export {}
`,
      'tsconfig.json': JSON.stringify(TYPESCRIPT),
      'vite.config.mjs': configuration({
        imports: `import { checker } from 'vite-plugin-checker'`,
        plugins: 'checker({ typescript: true }), ',
      }),
    }
  },
}
