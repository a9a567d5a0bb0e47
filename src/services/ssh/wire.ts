export * from '#codec/ssh-wire.ts'
