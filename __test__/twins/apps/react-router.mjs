// React Router in framework mode. Whether a route has a loader travels as a custom event.
import { configuration, LOOK, rule } from './app.mjs'

const isEven = (shown) => Number(/\d+/.exec(shown)) % 2 === 0

export const reactRouter = {
  name: 'react-router',
  packages: 'react-router',
  command: ['@react-router/dev/bin.js', 'dev'],
  isRendered: true,
  slots: {
    script: { file: 'app/routes/home.jsx' },
    template: { file: 'app/routes/home.jsx', after: 'script' },
    loader: { file: 'app/routes/home.jsx' },
    child: { file: 'app/child.jsx' },
    style: { file: 'app/style.css' },
    root: { file: 'app/root.jsx' },
  },
  breaks: {
    'app/child.jsx': (source) => source.replace('</p>', ''),
  },
  source: ({ script, template, loader, child, style, root }) => ({
    'package.json': JSON.stringify({
      type: 'module',
      dependencies: { '@react-router/node': '*', isbot: '*', react: '*', 'react-router': '*' },
    }),
    'app/routes.js': `import { index } from '@react-router/dev/routes'
export default [index('routes/home.jsx')]
`,
    'app/root.jsx': `import { Links, Meta, Outlet, Scripts } from 'react-router'
import './style.css'
export default function Root() {
  return <html><head><link rel="icon" href="data:," /><Meta /><Links /></head>
    <body><p>${root}</p><Outlet /><Scripts /></body></html>
}
`,
    'app/routes/home.jsx': `import { Child } from '../child.jsx'
const script = '${script}'
${isEven(loader) ? `export function loader() { return { word: '${loader}' } }` : ''}
export default function Home({ loaderData }) {
  return <main><p>{script}</p><p>${template}</p>
    <p>{${isEven(loader) ? 'loaderData?.word' : `'${loader}'`}}</p><Child />
    ${LOOK.replace('class', 'className').replace('></i>', ' />')}</main>
}
`,
    'app/child.jsx': `export function Child() { return <p>${child}</p> }\n`,
    'app/style.css': rule('.look', style),
    'vite.config.mjs': configuration({
      imports: `import { reactRouter } from '@react-router/dev/vite'`,
      plugins: 'reactRouter(), ',
    }),
  }),
}
