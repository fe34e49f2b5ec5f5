require('./conversation.js')()
