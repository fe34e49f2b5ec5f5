// A process with one client, to be stopped as a laptop's lid or a debugger would.
import { Client } from '../../support/client.mjs'
import { answer, settings } from '../../support/commands.mjs'

const client = new Client(`ws://127.0.0.1:${settings().port}`)

answer({
  about: () => client.text(),
  closeCode: () => client.closed.then(({ code }) => code),
})
