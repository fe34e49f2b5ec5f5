import { configuration, LOOK, openBracket, page, rule, VITE } from './app.mjs'

export const react = {
  name: 'react',
  packages: 'vite8',
  command: VITE,
  slots: {
    script: { file: 'App.jsx' },
    template: { file: 'App.jsx', after: 'script' },
    hook: { file: 'word.js' },
    child: { file: 'Child.jsx' },
    style: { file: 'style.css' },
    shared: { file: 'shared.js' },
    html: { file: 'index.html', reloads: true },
    main: { file: 'main.jsx', reloads: true },
  },
  breaks: {
    'App.jsx': (text) => text.replace('</main>', ''),
    'Child.jsx': openBracket,
    'shared.js': openBracket,
  },
  source: ({ script, template, hook, child, style, shared, html, main }) => ({
    'index.html': page(`<p id="main"></p><div id="app"></div>`, html).replace('.js"', '.jsx"'),
    'main.jsx': `import { createRoot } from 'react-dom/client'
import './style.css'
import App from './App.jsx'
createRoot(document.querySelector('#app')).render(<App />)
document.querySelector('#main').textContent = '${main}'
`,
    'App.jsx': `import { useState } from 'react'
import { Child } from './Child.jsx'
import { shared } from './shared.js'
const script = '${script}'
export default function App() {
  const [count] = useState(0)
  return <main><p>{script}</p><p>${template}</p><p>{shared}</p><p>{count}</p><Child />
    ${LOOK.replace('class', 'className').replace('></i>', ' />')}</main>
}
`,
    'Child.jsx': `import { useWord } from './word.js'
export function Child() {
  return <p>${child} {useWord()}</p>
}
`,
    'word.js': `import { useState } from 'react'
export function useWord() {
  useState(0)
  return '${hook}'
}
`,
    'shared.js': `export const shared = '${shared}'\n`,
    'style.css': rule('.look', style),
    'vite.config.mjs': configuration({
      imports: `import react from '@vitejs/plugin-react'`,
      plugins: 'react(), ',
      rest: `optimizeDeps: { include: ['react', 'react-dom/client', 'react/jsx-dev-runtime'] },`,
    }),
  }),
}
