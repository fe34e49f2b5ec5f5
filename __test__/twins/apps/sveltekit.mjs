// A framework that renders on the server.
import { configuration, LOOK, openBracket, rule } from './app.mjs'

export const sveltekit = {
  name: 'sveltekit',
  packages: 'sveltekit',
  command: ['vite/bin/vite.js', 'dev'],
  isRendered: true,
  slots: {
    script: { file: 'src/routes/+page.svelte' },
    template: { file: 'src/routes/+page.svelte', after: 'script' },
    style: { file: 'src/routes/+page.svelte' },
    child: { file: 'src/lib/Child.svelte' },
    layout: { file: 'src/routes/+layout.svelte' },
    shared: { file: 'src/lib/shared.js' },
    load: { file: 'src/routes/+page.server.js', reloads: true },
  },
  breaks: {
    'src/lib/Child.svelte': (source) => `${source}{#if`,
    'src/lib/shared.js': openBracket,
  },
  source: ({ script, template, style, child, layout, shared, load }) => ({
    'package.json': '{"type":"module"}',
    'svelte.config.js': 'export default { kit: {} }\n',
    'src/app.html': `<!doctype html><html><head><link rel="icon" href="data:,">%sveltekit.head%</head>
<body><div>%sveltekit.body%</div></body></html>
`,
    'src/routes/+layout.svelte': `<script>let { children } = $props()</script>
<p>${layout}</p>{@render children()}
`,
    'src/routes/+page.server.js': `export const load = () => ({ word: '${load}' })\n`,
    'src/routes/+page.svelte': `<script>
import Child from '$lib/Child.svelte'
import { shared } from '$lib/shared.js'
let { data } = $props()
const script = $state('${script}')
</script>
<p>{script}</p><p>${template}</p><p>{shared}</p><p>{data.word}</p><Child />${LOOK}
<style>
${rule('i.look', style)}</style>
`,
    'src/lib/Child.svelte': `<p>${child}</p>\n`,
    'src/lib/shared.js': `export const shared = '${shared}'\n`,
    'vite.config.mjs': configuration({
      imports: `import { sveltekit } from '@sveltejs/kit/vite'`,
      plugins: 'sveltekit(), ',
    }),
  }),
}
