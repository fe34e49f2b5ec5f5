export const greeting = 'Hello from a fresh page.'
