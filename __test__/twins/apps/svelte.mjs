import { configuration, LOOK, openBracket, page, rule, VITE } from './app.mjs'

export const svelte = {
  name: 'svelte',
  packages: 'vite8',
  command: VITE,
  slots: {
    script: { file: 'App.svelte' },
    template: { file: 'App.svelte', after: 'script' },
    style: { file: 'App.svelte' },
    child: { file: 'Child.svelte' },
    css: { file: 'global.css' },
    shared: { file: 'shared.js' },
    html: { file: 'index.html', reloads: true },
    main: { file: 'main.js', reloads: true },
  },
  breaks: {
    'App.svelte': (text) => `${text}{#if`,
    'Child.svelte': (text) => `${text}{#if`,
    'shared.js': openBracket,
  },
  source: ({ script, template, style, child, css, shared, html, main }) => ({
    'index.html': page(`<p id="main"></p><div id="app"></div><b class="look"></b>`, html),
    'main.js': `import { mount } from 'svelte'
import './global.css'
import App from './App.svelte'
mount(App, { target: document.querySelector('#app') })
document.querySelector('#main').textContent = '${main}'
`,
    'App.svelte': `<script>
import Child from './Child.svelte'
import { shared } from './shared.js'
const script = $state('${script}')
</script>
<p>{script}</p><p>${template}</p><p>{shared}</p><Child />${LOOK}
<style>
${rule('i.look', style)}</style>
`,
    'Child.svelte': `<p>${child}</p>\n`,
    'global.css': rule('b.look', css),
    'shared.js': `export const shared = '${shared}'\n`,
    'vite.config.mjs': configuration({
      imports: `import { svelte } from '@sveltejs/vite-plugin-svelte'`,
      plugins: 'svelte(), ',
    }),
  }),
}
