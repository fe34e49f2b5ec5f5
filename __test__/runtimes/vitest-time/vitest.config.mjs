export default { test: { include: ['*.spec.mjs'], globals: true } }
