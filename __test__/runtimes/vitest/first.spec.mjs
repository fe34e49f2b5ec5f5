import { testConversation } from './conversation.mjs'

testConversation()
