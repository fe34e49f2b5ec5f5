import { configuration, LOOK, openBracket, page, rule, VITE } from './app.mjs'

/** Vue on a major of Vite. */
export function vue(major) {
  return {
    name: `vue${major}`,
    packages: `vite${major}`,
    command: VITE,
    slots: {
      script: { file: 'App.vue' },
      template: { file: 'App.vue', after: 'script' },
      style: { file: 'App.vue' },
      child: { file: 'Child.vue' },
      slot: { file: 'Child.vue', after: 'child' },
      shared: { file: 'shared.js' },
      css: { file: 'global.css' },
      html: { file: 'index.html', reloads: true },
      main: { file: 'main.js', reloads: true },
    },
    breaks: {
      'App.vue': (text) => text.replace('</template>', ''),
      'Child.vue': (text) => text.replace('const child', 'const child = ('),
      'shared.js': openBracket,
    },
    source: ({ script, template, style, child, slot, shared, css, html, main }) => ({
      'index.html': page(`<p id="main"></p><div id="app"></div><b class="look"></b>`, html),
      'main.js': `import { createApp } from 'vue'
import './global.css'
import App from './App.vue'
createApp(App).mount('#app')
document.querySelector('#main').textContent = '${main}'
`,
      'App.vue': `<script setup>
import { ref } from 'vue'
import Child from './Child.vue'
import { shared } from './shared.js'
const script = ref('${script}')
</script>
<template><p>{{ script }}</p><p>${template}</p><p>{{ shared }}</p><Child />${LOOK}</template>
<style scoped>
${rule('i.look', style)}</style>
`,
      'Child.vue': `<script setup>
import { shared } from './shared.js'
const child = '${child}'
</script>
<template><p>{{ child }}</p><p>${slot} {{ shared }}</p></template>
`,
      'shared.js': `export const shared = '${shared}'\n`,
      'global.css': rule('b.look', css),
      'vite.config.mjs': configuration({
        imports: `import vue from '@vitejs/plugin-vue'`,
        plugins: 'vue(), ',
        rest: `optimizeDeps: { include: ['vue'] },`,
      }),
    }),
  }
}
