import assert from 'node:assert/strict'
import { makeApplication, prelude, runCommand, startApplication } from '../application.mjs'
import { connected, editComponent } from '../component.mjs'
import { openTab } from '../tab.mjs'

const only = { majors: [8], why: 'shown on one major', needs: 'frameworks' }
const VITE = ['vite/bin/vite.js']
const PAGE = `<!doctype html><html><body><div id="app"></div>
<script type="module" src="/main.js"></script></body></html>
`

function viteConfig(t, imports, plugins, rest = '') {
  return `${prelude(t)}${imports}
export default {
  plugins: [${plugins} nativeWs()],
  ${rest}
}
`
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
