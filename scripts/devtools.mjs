// Installs Vite DevTools, and looks at the inspector in its dock with Chromium.
import { installPackages, root, run } from './suite.mjs'

installPackages('devtools')
const flags = ['--test', '--test-reporter=spec', '--test-timeout=60000']
run(process.execPath, [...flags, `${root}/__test__/devtools/dock.test.mjs`])
