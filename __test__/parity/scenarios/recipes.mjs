// The recipes of docs/frameworks.md, as they stand there, by the frameworks' own dev servers.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { listen } from '../../support/port.mjs'
import { headings, recipe } from '../../support/recipes.mjs'
import { prelude, startApplication } from '../application.mjs'
import { editComponent } from '../component.mjs'

const DOCUMENT = 'frameworks.md'
const NOT_RUN = ['Not tried']
const only = { majors: [8], why: 'shown on one major', needs: 'frameworks' }
const IMPORT = "import nativeWs from 'vite-native-ws'\n"
const MODULE = '{"type":"module"}'

/** A recipe whose plugin is that of the column. */
function configuration(t, heading) {
  const text = recipe(heading, 'js', DOCUMENT)
  assert.ok(text.includes(IMPORT), `${heading} does not import the plugin`)
  return prelude(t) + text.replace(IMPORT, '')
}

const heading = (title) => `<h1>${title}</h1>\n`
const counter = (title) => `<h1>${title}</h1>
    <button onClick={() => setCount(count + 1)}>count {count}</button>`

/** A back end whose pages have these tags. */
async function startBackEnd(t, tags, port) {
  const server = http.createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end(`<!doctype html><html><body><div id="app"></div>${tags()}</body></html>`)
  })
  t.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  if (!port) return listen(server)
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  return port
}

const scriptText = (title) => `document.querySelector('#app').innerHTML = '<h1>${title}</h1>'
import.meta.hot.accept()
`

/** What an edit does to a page, and to a count in it, is what the document says. */
const RECIPES = {
  SvelteKit: {
    command: ['vite/bin/vite.js', 'dev'],
    config: 'vite.config.js',
    files: {
      'svelte.config.js': 'export default { kit: {} }\n',
      'src/app.html': `<!doctype html><html><head>%sveltekit.head%</head>
<body><div>%sveltekit.body%</div></body></html>
`,
    },
    file: 'src/routes/+page.svelte',
    text: (title) => `<script>let count = $state(0)</script>
${heading(title)}<button onclick={() => count++}>count {count}</button>
`,
    count: 0,
  },
  Astro: {
    command: ['astro/astro.js', 'dev'],
    config: 'astro.config.mjs',
    isInPlace: false,
    file: 'src/pages/index.astro',
    text: (title) => `<html><head><title>a</title></head><body>${heading(title)}</body></html>\n`,
  },
  'React Router': {
    command: ['@react-router/dev/bin.js', 'dev'],
    config: 'vite.config.js',
    files: {
      'package.json': '{"type":"module","dependencies":{"@react-router/node":"*","isbot":"*"}}',
      'app/root.jsx': `import { Outlet, Scripts } from 'react-router'
export default function Root() {
  return <html lang="en"><body><Outlet /><Scripts /></body></html>
}
`,
      'app/routes.js': `import { index } from '@react-router/dev/routes'
export default [index('home.jsx')]
`,
    },
    file: 'app/home.jsx',
    text: (title) => `import { useState } from 'react'
export default function Home() {
  const [count, setCount] = useState(0)
  return <main>${counter(title)}</main>
}
`,
    count: 1,
  },
  'TanStack Start': {
    command: ['vite/bin/vite.js', 'dev'],
    config: 'vite.config.js',
    files: {
      'src/router.jsx': `import { createRouter } from '@tanstack/react-router'
import { routeTree } from './routeTree.gen'
export const getRouter = () => createRouter({ routeTree })
`,
      'src/routes/__root.jsx': `import { HeadContent, Outlet, Scripts, createRootRoute } from '@tanstack/react-router'
export const Route = createRootRoute({ component: Root })
function Root() {
  return <html lang="en"><head><HeadContent /></head><body><Outlet /><Scripts /></body></html>
}
`,
    },
    file: 'src/routes/index.jsx',
    text: (title) => `import { createFileRoute } from '@tanstack/react-router'
import { useState } from 'react'
export const Route = createFileRoute('/')({ component: Home })
function Home() {
  const [count, setCount] = useState(0)
  return <main>${counter(title)}</main>
}
`,
    count: 1,
  },
  Nuxt: {
    command: ['nuxt/bin/nuxt.mjs', 'dev', '--no-fork'],
    config: 'nuxt.config.js',
    base: '_nuxt/',
    file: 'app/app.vue',
    text: (title) => `<script setup>
const count = ref(0)
</script>
<template><main><h1>${title}</h1><button @click="count++">count {{ count }}</button></main></template>
`,
    count: 1,
  },
  VitePress: {
    command: ['vitepress/bin/vitepress.js', 'dev'],
    config: '.vitepress/config.js',
    file: 'index.md',
    text: (title) => `# ${title}\n`,
  },
  Storybook: {
    command: ['storybook/dist/bin/dispatcher.js', 'dev', '--ci', '--disable-telemetry'],
    config: '.storybook/main.js',
    path: 'iframe.html?id=part--one&viewMode=story',
    // Storybook's own messages are headings too.
    title: '#storybook-root h1',
    file: 'src/part.stories.js',
    text: (title) => `export default { title: 'Part' }
export const One = { render: () => '<h1>${title}</h1>' }
`,
  },
}

const scenarios = Object.entries(RECIPES).map(
  ([name, { command, config, files, base, path, title, file, text, count, isInPlace = true }]) => ({
    name: `recipe_${name.toLowerCase().replaceAll(' ', '_')}`,
    covers: `a page of ${name} is updated, by the recipe of docs/${DOCUMENT}`,
    ...only,
    async run(t) {
      const all = {
        'package.json': MODULE,
        ...files,
        [file]: text('first'),
        [config]: configuration(t, name),
      }
      const app = await startApplication(t, all, command, { base })
      const tab = await editComponent(t, app, { path, title, file, text, count })
      assert.equal(await tab.isMarked(), isInPlace)
      if (t.ours) assert.match((await app.get('__ws/')).body, /<title>Hot updates/)
    },
  }),
)

const VITE = ['vite/bin/vite.js']

const backEnds = [
  {
    name: 'recipe_laravel',
    covers: `a page with the tags of Laravel is updated, by the recipe of docs/${DOCUMENT}`,
    ...only,
    async run(t) {
      const file = 'resources/js/app.js'
      const files = {
        'package.json': MODULE,
        'public/index.php': '',
        [file]: scriptText('first'),
        'vite.config.js': configuration(t, 'Laravel'),
      }
      const app = await startApplication(t, files, VITE)
      const tag = (path) => {
        const url = readFileSync(app.project.path('public/hot'), 'utf8').trim()
        return `<script type="module" src="${url}/${path}"></script>`
      }
      const port = await startBackEnd(t, () => tag('@vite/client') + tag(file))
      const page = { ...app, url: `http://127.0.0.1:${port}/` }
      const tab = await editComponent(t, page, { file, text: scriptText })
      assert.equal(await tab.isMarked(), true)
    },
  },
  {
    name: 'recipe_another_back_end',
    covers: `a page of another back end is updated, by the recipe of docs/${DOCUMENT}`,
    ...only,
    async run(t) {
      const [own, port] = [await t.freePort(), await t.freePort()]
      const place = (text) => text.replaceAll('8000', `${own}`).replaceAll('5173', `${port}`)
      const files = {
        'package.json': MODULE,
        'main.js': scriptText('first'),
        'vite.config.js': place(configuration(t, 'Another back end')),
      }
      const app = await startApplication(t, files, VITE, { port })
      const tags = place(recipe('Another back end', 'html', DOCUMENT))
      await startBackEnd(t, () => tags, own)
      const page = { ...app, url: `http://127.0.0.1:${own}/` }
      const tab = await editComponent(t, page, { file: 'main.js', text: scriptText })
      assert.equal(await tab.isMarked(), true)
    },
  },
]

const BACK_ENDS = ['Laravel', 'Another back end']
assert.deepEqual(headings(DOCUMENT, 2), [...Object.keys(RECIPES), ...BACK_ENDS, ...NOT_RUN])

export default [...scenarios, ...backEnds]
