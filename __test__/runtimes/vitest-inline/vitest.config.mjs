// The package is transformed by Vite, as that of a workspace is which is linked.
export default {
  resolve: { preserveSymlinks: true },
  test: { include: ['*.spec.mjs'], server: { deps: { inline: ['vite-native-ws'] } } },
}
