// A site whose page data travel as custom events.
import { configuration, LOOK, rule } from './app.mjs'

export const vitepress = {
  name: 'vitepress',
  packages: 'vitepress',
  command: ['vitepress/bin/vitepress.js', 'dev'],
  slots: {
    front: { file: 'index.md' },
    text: { file: 'index.md', after: 'front' },
    title: { file: 'index.md' },
    layout: { file: '.vitepress/theme/Layout.vue' },
    style: { file: '.vitepress/theme/style.css' },
  },
  breaks: {
    '.vitepress/theme/Layout.vue': (source) => source.replace('</template>', ''),
  },
  source: ({ front, text, title, layout, style }) => ({
    'index.md': `---
title: '${title}'
word: '${front}'
---

# A page

${text.replace('[', '\\[')}

{{ $frontmatter.word }}
`,
    '.vitepress/config.mjs': configuration({})
      .replace('plugins:', 'title: "twins", vite: { plugins:')
      .replace('twins()],', 'twins()] },'),
    '.vitepress/theme/index.js': `import Layout from './Layout.vue'
import './style.css'
export default { Layout }
`,
    '.vitepress/theme/Layout.vue': `<script setup>
import { useData } from 'vitepress'
const { frontmatter, page } = useData()
</script>
<template><main><p>${layout}</p><p>{{ frontmatter.word }}</p><p>{{ page.title }}</p><Content />
${LOOK}</main></template>
`,
    '.vitepress/theme/style.css': rule('.look', style),
  }),
}
