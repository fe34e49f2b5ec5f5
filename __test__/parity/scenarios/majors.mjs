/** Where a scenario has nothing to say, and why. */
export const environments = { majors: [6, 7, 8], why: 'Vite 5 has no environments' }
export const pings = { majors: [6, 7, 8], why: 'the vite-ping subprotocol came with Vite 6' }
export const connectEvents = { majors: [7, 8], why: 'the event came with Vite 7.2' }
export const wsOptions = { majors: [8], why: 'the options moved to server.ws in Vite 8.1' }
export const hmrOptions = { majors: [5, 6, 7], why: 'since Vite 8.1 they stand in server.ws' }
export const bundledDev = { majors: [8], why: 'bundled dev came with Vite 8' }
export const consoles = { majors: [8], why: 'console forwarding came with Vite 8' }
