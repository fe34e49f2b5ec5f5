import assert from 'node:assert/strict'
import { makeApplication, prelude, runCommand, startApplication } from '../application.mjs'
import { openTab } from '../tab.mjs'

const only = { majors: [8], why: 'shown on one major', needs: 'frameworks' }
const VITE = ['vite/bin/vite.js']
const PAGE = `<!doctype html><html><body><div id="app"></div>
<script type="module" src="/main.js"></script></body></html>
`

function viteConfig(t, imports, plugins, rest = '') {
  return `${prelude(t)}${imports}
export default {
  plugins: [${plugins} view, nativeWs],
  server: { fs: { strict: false } },
  ${rest}
}
`
}

// A first visit while dependencies are bundled may end in a module that is gone before Vite's
// client is loaded; then only the developer's own reload helps, whatever the server.
async function connected(t, app, tab, visits = 4) {
  const isConnected = async () => (await app.engine()).clients > 0
  for (let visit = 1; visit < visits; visit += 1) {
    const soon = t.until(isConnected, 'the tab is connected', 6_000)
    if (await soon.catch(() => false)) return
    await tab.page.reload({ waitUntil: 'load' })
  }
  await t.until(isConnected, 'the tab is connected')
}

/** Loads the page, counts in it, edits a component: the text is new and the page the same. */
async function editComponent(t, app, { path = '', file, text, count }) {
  const tab = await openTab(t, `${app.url}${path}`)
  await tab.text('h1', 'first')
  await connected(t, app, tab)
  // The first visit may discover dependencies and reload once.
  await tab.page.waitForLoadState('networkidle')
  await tab.mark()
  if (count !== undefined) {
    await tab.page.click('button')
    await tab.text('button', 'count 1')
  }
  app.project.write(file, text('second'))
  await tab.text('h1', 'second')
  if (count !== undefined) await tab.text('button', `count ${count}`)
  t.observe('updated in place', await tab.isMarked())
  t.observe('page errors', tab.errors)
  return tab
}

export default [
  {
    name: 'plugin_react',
    covers: 'React keeps the state of a component over an edit',
    ...only,
    async run(t) {
      const text = (title) => `import { useState } from 'react'
export default function App() {
  const [count, setCount] = useState(0)
  return <main><h1>${title}</h1>
    <button onClick={() => setCount(count + 1)}>count {count}</button></main>
}
`
      const main = `import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import App from './App.jsx'
createRoot(document.querySelector('#app')).render(createElement(App))
`
      const app = await startApplication(
        t,
        {
          'index.html': PAGE,
          'main.js': main,
          'App.jsx': text('first'),
          'vite.config.js': viteConfig(t, `import react from '@vitejs/plugin-react'`, 'react(),'),
        },
        VITE,
      )
      const tab = await editComponent(t, app, { file: 'App.jsx', text, count: 1 })
      assert.equal(await tab.isMarked(), true)
    },
  },
  {
    name: 'plugin_vue',
    covers: 'Vue keeps the state of a component over an edit',
    ...only,
    async run(t) {
      const text = (title) => `<script setup>
import { ref } from 'vue'
const count = ref(0)
</script>
<template><h1>${title}</h1><button @click="count++">count {{ count }}</button></template>
`
      const app = await startApplication(
        t,
        {
          'index.html': PAGE,
          'main.js': `import { createApp } from 'vue'
import App from './App.vue'
createApp(App).mount('#app')
`,
          'App.vue': text('first'),
          'vite.config.js': viteConfig(t, `import vue from '@vitejs/plugin-vue'`, 'vue(),'),
        },
        VITE,
      )
      const tab = await editComponent(t, app, { file: 'App.vue', text, count: 1 })
      assert.equal(await tab.isMarked(), true)
    },
  },
  {
    name: 'sveltekit',
    covers: 'a page of SvelteKit is updated',
    ...only,
    async run(t) {
      const text = (title) => `<h1>${title}</h1>\n`
      const app = await startApplication(
        t,
        {
          'package.json': '{"type":"module"}',
          'svelte.config.js': 'export default { kit: {} }\n',
          'src/app.html': `<!doctype html><html><head>%sveltekit.head%</head>
<body><div>%sveltekit.body%</div></body></html>
`,
          'src/routes/+page.svelte': text('first'),
          'vite.config.js': viteConfig(
            t,
            `import { sveltekit } from '@sveltejs/kit/vite'`,
            'sveltekit(),',
          ),
        },
        [...VITE, 'dev'],
      )
      await editComponent(t, app, { file: 'src/routes/+page.svelte', text })
    },
  },
  {
    name: 'astro',
    covers: 'a page of Astro is updated',
    ...only,
    async run(t) {
      const text = (
        title,
      ) => `<html><head><title>a</title></head><body><h1>${title}</h1></body></html>
`
      const app = await startApplication(
        t,
        {
          'package.json': '{"type":"module"}',
          'src/pages/index.astro': text('first'),
          'astro.config.mjs': `${prelude(t)}
export default {
  devToolbar: { enabled: false },
  vite: { plugins: [view, nativeWs], server: { fs: { strict: false } } },
}
`,
        },
        ['astro/astro.js', 'dev'],
      )
      await editComponent(t, app, { file: 'src/pages/index.astro', text })
    },
  },
  {
    name: 'vite_plugin_inspect',
    covers: 'vite-plugin-inspect asks and is told over the socket',
    ...only,
    async run(t) {
      const text = (title) => `document.querySelector('#app').innerHTML = '<h1>${title}</h1>'
import.meta.hot.accept()
`
      const app = await startApplication(
        t,
        {
          'index.html': PAGE,
          'main.js': text('first'),
          'vite.config.js': viteConfig(
            t,
            `import inspect from 'vite-plugin-inspect'`,
            'inspect(),',
          ),
        },
        VITE,
      )
      const inspector = await openTab(t, `${app.url}__inspect/`)
      await connected(t, app, inspector)
      await editComponent(t, app, { file: 'main.js', text })
      // In frames: what the inspector makes of them on its page depends on their timing.
      const said = (frames, ...texts) =>
        t.until(
          () => frames.some((frame) => texts.every((text) => frame.includes(text))),
          `a frame with ${texts.join(', ')}`,
        )
      await said(inspector.sent, 'inspect:rpc', 'getModulesList')
      await said(inspector.received, 'inspect:rpc', 'onModuleUpdated')
      await said(inspector.received, 'inspect:rpc', '/main.js')
      t.observe('errors of the inspector', inspector.errors)
    },
  },
  {
    name: 'vitest_run',
    covers: 'vitest run with the plugin in its configuration ends by itself',
    ...only,
    async run(t) {
      const port = await t.freePort()
      const project = makeApplication(t, {
        'package.json': '{"type":"module"}',
        'sum.test.js': `import { expect, test } from 'vitest'
test('adds', () => expect(1 + 1).toBe(2))
`,
        'vite.config.js': viteConfig(t, '', ''),
      })
      for (const flags of [[], ['--api.port', String(port)]]) {
        const command = runCommand(t, project, ['vitest/vitest.mjs', 'run', ...flags])
        const { code } = await t.within(command.exit, 'vitest to end', 45_000)
        assert.equal(code, 0, command.output)
        assert.match(command.output, /1 passed/)
        t.observe(`warnings, ${flags.length} flags`, /vite-native-ws/.test(command.output))
      }
    },
  },
  {
    name: 'vitest_ui',
    covers: 'the page of vitest --ui is told of a test that fails',
    ...only,
    async run(t) {
      const sum = (wanted) => `import { expect, test } from 'vitest'
test('adds', () => expect(1 + 1).toBe(${wanted}))
`
      const port = await t.freePort()
      const project = makeApplication(t, {
        'package.json': '{"type":"module"}',
        'sum.test.js': sum(2),
        'vite.config.js': viteConfig(t, '', ''),
      })
      const flags = ['--ui', '--open=false', '--api.host', '127.0.0.1', '--api.port', `${port}`]
      const vitest = runCommand(t, project, ['vitest/vitest.mjs', 'watch', ...flags])
      const get = () => t.get({ port }, '/__vitest__/').catch(() => ({}))
      await t.until(async () => (await get()).status === 200, 'the page of Vitest', 45_000)
      const tab = await openTab(t, `http://127.0.0.1:${port}/__vitest__/`)
      const heard = (state) =>
        t.until(() => tab.received.some((frame) => frame.includes(`"${state}"`)), state, 45_000)
      await tab.text('body', 'sum.test.js')
      project.write('sum.test.js', sum(3))
      await heard('fail')
      t.observe('page errors', tab.errors)
      t.observe('warnings', /vite-native-ws/.test(vitest.output))
    },
  },
]
